"""Untrusted text: cleaning, truncation and email addresses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.external_text import (
    clean_id,
    clean_line,
    clean_text,
    is_storable,
    mail_address,
    storable,
    wire_address,
)

ANY = st.text(st.characters(exclude_categories=()))
HALF = "\ud800"


@given(ANY, st.integers(1, 20))
def test_cleaning_a_line_makes_it_fit_and_is_idempotent(text: str, longest: int) -> None:
    line = clean_line(text, longest)
    assert len(line) <= longest
    assert is_storable(line)
    assert line == clean_line(line, longest)
    assert len(line.splitlines()) <= 1


@given(ANY, st.integers(1, 20))
def test_cleaning_a_text_makes_it_fit_and_is_idempotent(text: str, longest: int) -> None:
    cleaned = clean_text(text, longest)
    assert len(cleaned) <= longest
    assert is_storable(cleaned)
    assert cleaned == clean_text(cleaned, longest)


@given(st.recursive(ANY | st.none() | st.integers(), st.lists, max_leaves=5))
def test_untrusted_json_is_made_storable_in_every_database(told: object) -> None:
    assert "\\u0000" not in json.dumps(storable(told)).replace("\\\\", "")
    json.dumps(storable({"a": told}), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("  Sam\t Student \n", "Sam Student"),
        ("Sam\x00Student", "Sam Student"),
        (f"Sam{HALF}", "Sam"),
        ("Zoë 王小明 👩‍🏫", "Zoë 王小明 👩‍🏫"),
        (None, ""),
        (["Sam"], ""),
        (7, ""),
    ],
)
def test_names(given_name: object, kept: str) -> None:
    assert clean_line(given_name, 200) == kept


@pytest.mark.parametrize("given_id", ["", "a" * 41, "a\x00", f"a{HALF}", "a\nb", None, 7, ["a"]])
def test_an_invalid_id_is_none_and_never_truncated(given_id: object) -> None:
    assert clean_id(given_id, 40) is None


ADDRESSES = [
    ("sam@example.test", "sam@example.test"),
    ("  sam@example.test\n", "sam@example.test"),
    ("Sam.O'Neill+x@Example.TEST", "Sam.O'Neill+x@example.test"),
    ("a..b@docomo.example", "a..b@docomo.example"),
    (".a@example.test", ".a@example.test"),
    ('"a b"@example.test', '"a b"@example.test'),
    ("jörg@example.test", "jörg@example.test"),
    ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
    ("sam@bücher.example", "sam@xn--bcher-kva.example"),
    ("sam@faß.example", "sam@xn--fa-hia.example"),
    ("用户@例子.example", "用户@xn--fsqu00a.example"),
    ("jo\u0308rg@example.test", "jörg@example.test"),
    ("sam@my_host.example", "sam@my_host.example"),
]


@pytest.mark.parametrize(("written", "wire"), ADDRESSES)
def test_valid_email_addresses(written: str, wire: str) -> None:
    assert wire_address(mail_address(written)) == wire
    assert wire_address(wire) == wire


@pytest.mark.parametrize(
    "written",
    [
        "",
        "sam",
        "@example.test",
        "sam@",
        "a b@example.test",
        "Sam <sam@example.test>",
        "a@b.test, c@d.test",
        "sam@example.test\r\nBcc: evil@example.test",
        "sam\x00@example.test",
        f"sam{HALF}@example.test",
        "sam@exa mple.test",
        "sam@[127.0.0.1]",
        "sam@" + "a" * 320,
        "s" * 65 + "@example.test",
        None,
        7,
    ],
)
def test_an_invalid_email_address_is_none(written: object) -> None:
    assert mail_address(written) == ""
    assert wire_address(str(written)) == ""


@given(ANY)
def test_no_text_makes_the_address_check_raise(text: str) -> None:
    for made in (text, f"{text}@example.test", f"sam@{text}"):
        wire = wire_address(made)
        assert wire == "" or (wire.isprintable() and wire.count("\n") == 0)
