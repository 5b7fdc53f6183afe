"""The language switch: a cookie, and the way back to the page that was left."""

import httpx
import pytest

from coursebook.api.app import build_api
from coursebook.api.dependencies import services as dependency
from coursebook.settings import Settings

HOST = "courses.example.org"


class _Services:
    def __init__(self, public_url: str) -> None:
        self.settings = Settings(public_url=public_url)


async def chosen(language: str, referrer: str = "", scheme: str = "https") -> httpx.Response:
    headers = {"Referer": referrer} if referrer else {}
    transport = httpx.ASGITransport(build_api())
    base_url = f"{scheme}://{HOST}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dependency, "services", lambda: _Services(base_url))
        async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
            return await client.get(f"/language/{language}", headers=headers)


async def test_the_choice_is_kept_for_a_year_and_no_script_reads_it():
    answer = await chosen("de", f"https://{HOST}/courses?q=jazz%20piano&sort=price")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/courses?q=jazz%20piano&sort=price"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["set-cookie"] == (
        "language=de; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax; Secure"
    )
    assert "Secure" not in (await chosen("de", scheme="http")).headers["set-cookie"]


@pytest.mark.parametrize(
    "referrer",
    [
        "",
        "https://evil.example/courses",
        f"https://{HOST}.evil.example/courses",
        f"https://evil.example@{HOST}:443/x",
        f"https://{HOST}//evil.example",
        f"https://{HOST}/\\evil.example",
        f"https://{HOST}/language/de",
        f"https://{HOST}/{'x' * 3000}",
        "https://[broken",
        "javascript:alert(1)",
        "/courses",
    ],
)
async def test_it_never_leads_elsewhere(referrer: str):
    assert (await chosen("de", referrer)).headers["location"] == "/"


@pytest.mark.parametrize("language", ["DE", "d", "deutsch", "de-AT", "d%0ae", "de;x"])
async def test_only_a_code_of_a_language_is_kept(language: str):
    answer = await chosen(language)
    assert "set-cookie" not in answer.headers
    assert answer.status_code in (404, 422)
