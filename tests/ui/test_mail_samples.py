"""`/kit/mails`: every mail in every state, for development only, under policies of its own."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.inbox import InboxKind
from coursebook.http_security.security_headers import SecurityHeaders
from coursebook.mail import messages
from coursebook.mail.i18n import LANGUAGES
from coursebook.mail.kinds import MailKind
from coursebook.ui import gallery
from coursebook.ui.gallery import mail_pages, mail_samples
from coursebook.ui.gallery.mail_samples import samples

URL = "http://localhost:3000"


@pytest.fixture
async def browser(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages as they are in development, behind the headers of production."""
    monkeypatch.setenv(gallery.RELOADING, "1")
    api = FastAPI()
    mail_pages.add_to(api)
    program = SecurityHeaders(api, URL, "default-src 'self'")  # type: ignore[arg-type]
    transport = httpx.ASGITransport(program)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_and_every_state_of_money_has_a_sample(language: str) -> None:
    names = samples(language)
    assert {name.partition(", ")[0] for name in names} == {
        *MailKind,
        "inbox entry",
        "team invitation",
        "teacher course changed",
        "teacher course cancelled",
    }
    assert {f"cancelled, {outcome}" for outcome in MoneyOutcome} <= names.keys()
    assert {f"inbox entry, {kind}" for kind in InboxKind} <= names.keys()


def test_a_mail_of_an_extension_is_shown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_samples, "mails", lambda: {"course_soon": messages.booked})
    assert samples("en")["course_soon"] == samples("en")["booked"]


def test_a_state_says_something_else_than_the_others() -> None:
    by_kind: dict[str, list[str]] = {}
    for name, mail in samples("en").items():
        by_kind.setdefault(name.partition(", ")[0], []).append(mail.text)
    same = {kind for kind, texts in by_kind.items() if len(set(texts)) < len(texts)}
    assert same == set()


async def test_the_index_shows_each_mail_in_a_frame(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/kit/mails?language=de&scheme=dark&width=390")
    assert answer.text.count("<iframe") == len(samples("de"))
    assert "language=de&amp;scheme=dark&amp;width=390" in answer.text
    assert answer.headers["content-security-policy"] == mail_pages.INDEX_POLICY


async def test_a_mail_may_have_inline_styles_only_here(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/kit/mails/booked?language=de&scheme=dark")
    assert "Gebucht" in answer.text
    assert "@media all" in answer.text
    assert answer.headers["content-security-policy"] == mail_pages.MAIL_POLICY
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    text = await browser.get("/kit/mails/booked?part=text")
    assert text.headers["content-type"].startswith("text/plain")


async def test_unknown_choices_show_the_first_of_each(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/kit/mails/booked", params={"language": "<x>", "scheme": "<y>"})
    assert '<html lang="en"' in answer.text
    assert (await browser.get("/kit/mails/nothing")).status_code == 404


def test_a_built_product_has_no_such_pages() -> None:
    api = FastAPI()
    before = len(api.routes)
    mail_pages.add_to(api)
    assert len(api.routes) == before
