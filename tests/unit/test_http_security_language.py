"""The chosen language comes before those of the browser, for pages and for their sockets."""

import pytest

from coursebook.http_security.language_cookie import in_chosen_language
from coursebook.ui.i18n import language_of


def accepted(cookie: str, languages: str | None = "en-GB,en;q=0.9") -> str:
    headers = [(b"host", b"x"), (b"cookie", cookie.encode())]
    if languages is not None:
        headers.append((b"accept-language", languages.encode()))
    scope = in_chosen_language({"type": "http", "headers": headers})
    return b"|".join(v for name, v in scope["headers"] if name == b"accept-language").decode()


@pytest.mark.parametrize("cookie", ["language=de", "a=b; language=de", "language=de; a=b"])
def test_a_choice_wins_over_the_browser(cookie: str):
    assert accepted(cookie) == "de, en-GB,en;q=0.9"
    assert accepted(cookie, None) == "de"
    assert language_of(accepted(cookie)) == "de"


@pytest.mark.parametrize(
    "cookie", ["", "language=", "language=deutsch", "language=DE", "xlanguage=de", "language=de,en"]
)
def test_anything_else_changes_nothing(cookie: str):
    assert accepted(cookie) == "en-GB,en;q=0.9"


def test_a_language_that_is_no_longer_there_leaves_the_browsers():
    assert language_of(accepted("language=zz", "de")) == "de"
