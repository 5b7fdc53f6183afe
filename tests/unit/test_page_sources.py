"""The other sites of one page: what its policy allows, and which names are refused."""

import pytest

from coursebook.http_security.content_policy import ContentPolicy
from coursebook.http_security.page_sources import OWN_SITE, PageSources, PageSourcesError

SANDBOX = ContentPolicy("http://localhost:3000", "http://localhost:3001", is_clerk=False)
CLERK = ContentPolicy("https://courses.example.org", "https://clerk.example.org", is_clerk=True)
MAP = PageSources(images=("https://*.tile.example.org",), frames=("https://maps.example.org",))


def rules(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split("; "))}


def test_a_page_gets_its_own_sites_and_nothing_else() -> None:
    plain, own = rules(SANDBOX.page([])), rules(SANDBOX.page([], MAP))
    assert own == plain | {
        "img-src": [*plain["img-src"], "https://*.tile.example.org"],
        "frame-src": ["https://maps.example.org"],
    }
    assert rules(SANDBOX.page([], OWN_SITE)) == plain


def test_what_sign_in_needs_stays() -> None:
    frames = rules(CLERK.page([], MAP))["frame-src"]
    assert frames == [*rules(CLERK.page([]))["frame-src"], "https://maps.example.org"]


@pytest.mark.parametrize(
    "origin",
    [
        "http://maps.example.org",
        "maps.example.org",
        "https://maps.example.org/embed",
        "https://*",
        "*",
        "https://a.example.org; script-src *",
        "https://a.example.org 'unsafe-inline'",
        "https://ä.example",
        "data:",
        7,
    ],
)
def test_what_is_no_origin_is_refused_by_name(origin: object) -> None:
    with pytest.raises(PageSourcesError, match=r"in frames must be an origin such as"):
        PageSources(frames=(origin,))  # type: ignore[arg-type]


def test_one_origin_without_a_tuple_is_refused() -> None:
    with pytest.raises(PageSourcesError, match="frames must be a tuple"):
        PageSources(frames="https://maps.example.org")  # type: ignore[arg-type]
