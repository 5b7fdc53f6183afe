"""Values from the browser are validated before use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.ui import validation


@pytest.mark.parametrize(
    "path",
    ["/", "/courses/indigo", "/bookings?status=pending", "/payment/success?session_id=cs_test_1"],
)
def test_a_path_of_ours_is_come_back_to(path: str):
    assert validation.local_path(path, "/else") == path


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/a\\b",
        "/\tevil",
        "/ evil",
        "/a\nb",
        "javascript:alert(1)",
        "",
        "courses",
        "/sign-in",
        "/sign-in/?next=/x",
        "/" + "x" * 500,
        None,
        5,
        ["/"],
    ],
)
def test_anything_else_is_not(path: object):
    assert validation.local_path(path, "/else") == "/else"


@given(st.text())
def test_no_text_leads_to_another_host(text: str):
    path = validation.local_path(text, "/else")
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))


@pytest.mark.parametrize("value", [None, 5, "", "a b", "ü", "a/b", "x" * 161, "a\x00", ["a"]])
def test_what_cannot_be_an_id_is_none(value: object):
    assert validation.identifier(value) is None


def test_a_token_that_is_no_text_or_far_too_long_is_nobody():
    assert validation.token("abc") == "abc"
    assert validation.token(None) == validation.token(7) == validation.token("x" * 8193) == ""
