"""With a name of its own a school is called by it everywhere, and nothing says «coursebook»."""

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from reflex.compiler.compiler import compile_unevaluated_page

from coursebook import school
from coursebook.api.app import build_api
from coursebook.coursebook import app as whole_app
from coursebook.mail import calendar
from coursebook.mail.facts import School as Sender
from coursebook.mail.kinds import MailKind
from coursebook.mail.messages import MAILS
from coursebook.school import School
from coursebook.ui.i18n import LANGUAGES, of
from coursebook.ui.i18n.page_texts import page_catalogs
from coursebook.ui.presenters.structured_data import catalog_head
from tests.support.mail_facts import FACTS
from tests.ui.test_presenters import COURSE

NAME = "Oficina do Barro"
OURS = re.compile("coursebook", re.IGNORECASE)
NOT_SEEN = re.compile(
    r"coursebook_\w+|__coursebook\w+|\"?coursebook-\w+\"?|window\.coursebook\w+|coursebook(\.\w+){2,}"
)
"""Names in code: states, elements, globals, modules."""
COMMANDS = re.compile(r"coursebook (seed|courses import)")
"""Commands that the console tells an operator to run."""
UID = re.compile(r"UID:booking-\S+@coursebook")
"""What a calendar knows an entry by; another one would double the entries of those who booked."""


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(school, "current", lambda: School(name=NAME))
    return


def test_no_text_of_the_pages_has_our_name():
    assert page_catalogs()["de"]["BRAND"] == NAME
    texts = [(name, text) for language in LANGUAGES for name, text in of(language)]
    named = {name[0] for name, text in texts if OURS.search(text)}
    assert named <= {"NO_COURSES_OPERATOR"}  # a command, which operators alone are told


def test_no_page_has_our_name_in_it():
    pages = whole_app._unevaluated_pages
    assert pages
    for route, declared in pages.items():
        page = compile_unevaluated_page(route, declared, whole_app.style, whole_app.theme)
        shown = NOT_SEEN.sub("", str(page.render()))
        if route.startswith("manage"):  # operators alone see it
            shown = COMMANDS.sub("", shown)
        assert not OURS.search(shown), f"{route}: {_around(shown)}"


def test_search_engines_read_the_name_of_the_school():
    head = catalog_head([COURSE], "https://barro.example")
    assert NAME in head
    assert not OURS.search(head)


async def test_the_api_is_called_by_the_school():
    transport = httpx.ASGITransport(build_api())
    async with httpx.AsyncClient(transport=transport, base_url="https://barro.example") as client:
        document = (await client.get("/api/openapi.json")).text
        reference = (await client.get("/api/docs")).text
    assert f"<title>{NAME} API</title>" in reference
    for text in (document, reference):
        assert not OURS.search(text), _around(text)


@pytest.mark.parametrize("kind", sorted(MAILS, key=str))
def test_no_mail_has_our_name(kind: MailKind):
    sender = Sender.of(NAME, "ola@barro.example", "Lisboa", "ola@barro.example")
    mail = MAILS[kind](replace(FACTS, school=sender))
    parts = (mail.subject, mail.text, mail.html)
    for part in parts:
        assert not OURS.search(part), _around(part)
    assert NAME in mail.text


def test_a_calendar_entry_is_made_by_the_school():
    sender = Sender.of(NAME, "ola@barro.example", "Lisboa", "ola@barro.example")
    entry = calendar.download(replace(FACTS, school=sender), is_cancelled=False).decode()
    assert f"PRODID:-//{NAME}//booking//EN" in entry
    assert not OURS.search(UID.sub("", entry))


def _around(text: str) -> str:
    match = OURS.search(text)
    return text[max(0, match.start() - 60) : match.end() + 60] if match else ""
