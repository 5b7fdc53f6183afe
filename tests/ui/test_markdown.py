"""Course descriptions: what is understood, and that nothing harmful comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.ui.markdown import MAX_LENGTH, Block, Item, Span, blocks_of, spans_of


def text_of(blocks: list[Block]) -> str:
    spans = [s for b in blocks for s in (*b.spans, *(s for p in b.points for s in p.spans))]
    return "".join(span.text for span in spans)


def links_of(blocks: list[Block]) -> list[str]:
    spans = [s for b in blocks for s in (*b.spans, *(s for p in b.points for s in p.spans))]
    return [span.href for span in spans if span.kind == "link"]


def test_headings_paragraphs_and_lists():
    source = (
        "## What you get\n\nTwo lines\nof one paragraph.\n\n- clay\n- glaze\n  and a kiln"
        "\n\n1. look"
    )
    assert blocks_of(source) == [
        Block("heading", [Span("text", "What you get")]),
        Block("paragraph", [Span("text", "Two lines of one paragraph.")]),
        Block(
            "bullets",
            points=[Item([Span("text", "clay")]), Item([Span("text", "glaze and a kiln")])],
        ),
        Block("numbers", points=[Item([Span("text", "look")])]),
    ]


def test_a_list_may_follow_its_sentence_without_an_empty_line():
    kinds = [b.kind for b in blocks_of("Bring:\n- boots\n- a coat\n# Then")]
    assert kinds == ["paragraph", "bullets", "heading"]


def test_bold_italic_and_links_inside_a_line():
    assert spans_of("a **bold** and *soft* _word_, see [us](https://example.org/x)") == [
        Span("text", "a "),
        Span("strong", "bold"),
        Span("text", " and "),
        Span("em", "soft"),
        Span("text", " "),
        Span("em", "word"),
        Span("text", ", see "),
        Span("link", "us", "https://example.org/x"),
    ]


def test_stars_and_underscores_that_mean_nothing_stay():
    assert text_of(blocks_of("2 * 3 * 4 and snake_case_name and 5 ** 2")) == (
        "2 * 3 * 4 and snake_case_name and 5 ** 2"
    )


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/local",
        "https:",
        "http://",
        "file:///etc/passwd",
        "https://[bad",
    ],
)
def test_only_web_addresses_become_links(href: str):
    blocks = blocks_of(f"[press]({href})")
    assert links_of(blocks) == []
    assert "press" in text_of(blocks)


def test_html_stays_text():
    source = "<script>alert(1)</script> <img src=x onerror=alert(1)>"
    assert text_of(blocks_of(source)) == source


@given(st.text(max_size=400))
def test_any_text_can_be_read_and_gives_only_known_kinds(source: str):
    for block in blocks_of(source):
        assert block.kind in ("heading", "paragraph", "bullets", "numbers")
    assert all(
        href.lower().startswith(("http://", "https://")) for href in links_of(blocks_of(source))
    )


def test_a_text_without_end_is_cut():
    assert len(text_of(blocks_of("x" * (MAX_LENGTH * 3)))) == MAX_LENGTH


def test_many_unclosed_signs_are_read_in_no_time():
    source = "[" * 9000 + "**" * 5000
    assert text_of(blocks_of(source))
