"""Markdown of course descriptions: supported syntax, and no harmful output."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.texts.markdown import MAX_LENGTH, Block, Item, Span, blocks_of

KINDS = {"heading", "paragraph", "bullets", "numbers", "quote"}


def all_blocks(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        yield from all_blocks(block.blocks)
        for point in block.points:
            yield from all_blocks(point.blocks)


def all_spans(blocks: list[Block]) -> list[Span]:
    return [
        span
        for block in all_blocks(blocks)
        for span in (*block.spans, *(s for point in block.points for s in point.spans))
    ]


def text_of(blocks: list[Block]) -> str:
    return "".join(span.text for span in all_spans(blocks))


def links_of(blocks: list[Block]) -> list[str]:
    return [span.href for span in all_spans(blocks) if span.kind == "link"]


def spans_of(line: str) -> list[Span]:
    (block,) = blocks_of(line)
    return block.spans


def point(text: str, *blocks: Block) -> Item:
    return Item([Span("text", text)], list(blocks))


def paragraph(text: str) -> Block:
    return Block("paragraph", [Span("text", text)])


def test_headings_paragraphs_and_lists():
    source = (
        "## What you get\n\nTwo lines\nof one paragraph.\n\n- clay\n- glaze\n  and a kiln"
        "\n\n1. look"
    )
    assert blocks_of(source) == [
        Block("heading", [Span("text", "What you get")]),
        paragraph("Two lines of one paragraph."),
        Block("bullets", points=[point("clay"), point("glaze and a kiln")]),
        Block("numbers", points=[point("look")]),
    ]


def test_a_list_may_follow_its_sentence_without_an_empty_line():
    kinds = [b.kind for b in blocks_of("Bring:\n- boots\n- a coat\n# Then")]
    assert kinds == ["paragraph", "bullets", "heading"]


def test_a_list_inside_a_list_stays_inside():
    assert blocks_of("- clay\n  - red\n  - white\n    1. fired\n- glaze") == [
        Block(
            "bullets",
            points=[
                point(
                    "clay",
                    Block(
                        "bullets",
                        points=[
                            point("red"),
                            point("white", Block("numbers", points=[point("fired")])),
                        ],
                    ),
                ),
                point("glaze"),
            ],
        )
    ]


def test_a_numbered_list_begins_where_it_is_written():
    (block,) = blocks_of("3. fold\n4. dip\n9. rinse")
    assert (block.kind, block.start) == ("numbers", 3)
    assert [p.spans[0].text for p in block.points] == ["fold", "dip", "rinse"]
    assert blocks_of("1. fold")[0].start == 1
    assert blocks_of("0. wait")[0].start == 0


def test_empty_lines_between_points_leave_one_list():
    (block,) = blocks_of("- clay\n\n- glaze\n\n  Two colours.\n\n- a kiln")
    assert block.points == [
        point("clay"),
        point("glaze", paragraph("Two colours.")),
        point("a kiln"),
    ]


def test_a_quote_holds_its_blocks():
    assert blocks_of("> The best day\n> of the year.\n>\n> - Ana\n\nSo she said.") == [
        Block(
            "quote",
            blocks=[
                paragraph("The best day of the year."),
                Block("bullets", points=[point("Ana")]),
            ],
        ),
        paragraph("So she said."),
    ]


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


def test_emphasis_inside_emphasis():
    assert spans_of("**very *very* dear**") == [
        Span("strong", "very "),
        Span("strong_em", "very"),
        Span("strong", " dear"),
    ]


def test_the_words_of_a_link_are_one_text():
    assert spans_of("[our *own* `page`](https://example.org)") == [
        Span("link", "our own page", "https://example.org")
    ]


def test_code_in_a_line_is_taken_literally():
    assert spans_of("Type `a * b * <c>` now") == [
        Span("text", "Type "),
        Span("code", "a * b * <c>"),
        Span("text", " now"),
    ]


def test_an_escaped_sign_is_only_the_sign():
    assert blocks_of(r"\*not soft\*, \[no link\](https://example.org)") == [
        paragraph("*not soft*, [no link](https://example.org)")
    ]
    assert blocks_of(r"\# no heading") == [paragraph("# no heading")]
    assert blocks_of(r"1986\. A good year") == [paragraph("1986. A good year")]


def test_stars_and_underscores_that_mean_nothing_stay():
    source = "2 * 3 * 4 and snake_case_name and 5 ** 2"
    assert blocks_of(source) == [paragraph(source)]


@pytest.mark.parametrize(
    "source",
    [
        "A line\n---",
        "A line\n===",
        "---",
        "&amp; &lt;b&gt;",
        "<https://example.org>",
        "https://example.org",
        "    four spaces",
        "[us]: https://example.org",
    ],
)
def test_what_we_do_not_draw_stays_text(source: str):
    lines = [line.strip() for line in source.splitlines()]
    assert text_of(blocks_of(source)) in (" ".join(lines), "".join(lines))
    assert {block.kind for block in blocks_of(source)} == {"paragraph"}
    assert links_of(blocks_of(source)) == []


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript&colon;alert(1)",
        "<java\tscript:alert(1)>",
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
    assert text_of(blocks) == "press"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script> <img src=x onerror=alert(1)>",
        "<div onclick=alert(1)>",
        "<!-- no comment -->",
        "a <b>bold</b> word",
    ],
)
def test_html_stays_text(source: str):
    assert blocks_of(source) == [paragraph(source)]


@given(st.text(max_size=400) | st.text("-*+>#123.)`_[](\\ \n\tahttps:/<", max_size=400))
def test_any_text_can_be_read_and_gives_only_known_kinds(source: str):
    blocks = blocks_of(source)
    assert {block.kind for block in all_blocks(blocks)} <= KINDS
    assert all(href.lower().startswith(("http://", "https://")) for href in links_of(blocks))


def test_a_text_without_end_is_cut():
    assert len(text_of(blocks_of("x" * (MAX_LENGTH * 3)))) == MAX_LENGTH


@pytest.mark.parametrize(
    "sign", ["[", "**", "*a_ ", "> ", "- ", "`", "[a](", "1. ", "\\", "![", "<"]
)
def test_signs_without_end_are_read_in_no_time(sign: str):
    began = time.process_time()
    blocks_of(sign * MAX_LENGTH)
    assert time.process_time() - began < 5
