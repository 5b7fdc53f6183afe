"""The reference parts of the documentation match the code."""

import re
import tomllib
from datetime import timedelta
from typing import get_args

from coursebook.api.problems.http_errors import every_refusal
from coursebook.api.schemas.parameters import CourseParameters
from coursebook.domain.admission import BEFORE_START, LAST_OFFER, RULES, Queue
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import BookingStatus, EndCause, PaymentStatus, SeatState
from coursebook.domain.course_edits.course_state import RULES as COURSE_RULES
from coursebook.domain.dispute import DisputeState
from coursebook.domain.inbox import ACTION, InboxKind
from coursebook.domain.refund import RefundState
from coursebook.payments.event_targets import EVENTS
from coursebook.persistence.schema.tables import SQLModel
from coursebook.sandbox.stripe.test_cards import CARDS
from coursebook.settings import Settings
from tests.support.api_document import api_paths
from tests.support.documents import ROOT, all_pages, marked, page, rows
from tests.support.walks import DUTCH

ARCHITECTURE = page("docs/architecture.md")
STRIPE = page("docs/ops/stripe-integration.md")
API = page("docs/api/booking-endpoints.md")
SETTINGS = page("docs/ops/settings.md")
EVENT_NAME = re.compile(r"\b(?:checkout\.session|refund|charge|payment_intent)\.[a-z_.]*[a-z]\b")
PATH = re.compile(r"(?:coursebook|alembic|tests|tools|docs|assets|reflex\.lock)(?:/[\w.-]+)*/?")
ABOUT_MONEY = "stripe|checkout|webhook|payment|hold|booking|refund|dispute|inbox|outbox"
OURS = sorted((ROOT / "coursebook").iterdir())
ROOMS = [path.name for path in OURS if (path / "__init__.py").exists()]
SINGLE_FILES = [p.name for p in OURS if p.suffix == ".py" and p.name != "__init__.py"]


def _logged():
    """Return the names of the log events about money."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "coursebook").rglob("*.py"))
    return set(re.findall(rf'log\.\w+\(\s*"((?:{ABOUT_MONEY})\.\w+)"', source))


def _documented_settings():
    return {
        row[0].strip("`"): row[1].strip("`")
        for row in rows(SETTINGS.text)
        if re.fullmatch(r"`[A-Z_]+`", row[0])
    }


def _shown(default):
    if default is True or default is False:
        return str(default).lower()
    if isinstance(default, float):
        return f"{default:g}"
    return str(default) if default not in ("", ()) else "empty"


def test_every_setting_is_documented_with_its_default():
    fields = {name.upper(): _shown(f.default) for name, f in Settings.model_fields.items()}
    assert _documented_settings() == fields


def test_the_example_environment_has_every_setting_and_no_other():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert {name.upper() for name in Settings.model_fields} - named == set()
    assert named - {name.upper() for name in Settings.model_fields} <= {
        "PORT",
        "COURSEBOOK_SANDBOX_LEVERS",
    }


def test_every_error_code_is_documented_with_its_status():
    lines = API.text.splitlines()
    missing = [
        refusal.code
        for refusal in every_refusal()
        if not any(f"`{refusal.code}`" in said and str(refusal.status) in said for said in lines)
    ]
    assert missing == []


def test_every_call_of_the_api_is_documented():
    paths = api_paths()
    calls = [f"{method.upper()} {path}" for path, ways in paths.items() for method in ways]
    assert [call for call in calls if call not in API.text] == []


def test_the_documented_webhook_events_are_those_we_handle():
    (listed,) = [block for block in STRIPE.blocks("text") if EVENT_NAME.search(block)]
    assert listed.split() == list(EVENTS)


def test_no_page_names_an_event_that_we_do_not_handle():
    only_as_an_example = {"charge.updated", "charge.succeeded"}
    ours = [of for of in all_pages() if of.name != "docs/sandbox.md"]
    named = {m for of in ours for m in marked(of.prose) if EVENT_NAME.fullmatch(m)}
    assert named - {*EVENTS} - only_as_an_example - _logged() == set()


def test_booking_and_payment_statuses_are_documented():
    states = marked(STRIPE.section("What each state means"))
    assert {*BookingStatus, *PaymentStatus, *AttemptState} - states == set()
    stored = ARCHITECTURE.section("What is stored")
    words = {*SeatState, *AttemptState, *RefundState, *DisputeState, *BookingStatus, *PaymentStatus}
    assert [word for word in words if word not in stored] == []


def test_every_money_inbox_kind_is_documented_with_its_action():
    explained = {row[0].strip("`"): row for row in rows(STRIPE.section("money inbox"))[1:]}
    assert set(explained) == set(InboxKind)
    wrong = [kind for kind in InboxKind if f"`{ACTION[kind]}`" not in explained[kind][2]]
    assert wrong == [], "the action is not the one that the product offers"


def test_every_way_in_is_documented_with_its_rule():
    documented = {row[0].strip("`"): row[1:] for row in rows(ARCHITECTURE.section("Ways in"))[1:]}
    until = {
        None: "the end of the last meeting",
        timedelta(): "the start",
        BEFORE_START: "5 minutes before the start",
        LAST_OFFER: "6 hours before the start",
    }
    asked = {
        Queue.NOT_ASKED: "nothing",
        Queue.NOBODY_WAITS: "nobody waits",
        Queue.IS_FIRST: "is first of those who wait",
        Queue.HAS_ROOM: "a free place, or one place more",
    }
    law = {
        way: ["yes" if rule.asks_open else "not asked", until[rule.ahead], asked[rule.queue]]
        for way, rule in RULES.items()
    }
    assert documented == law


def test_every_act_on_a_course_is_documented_with_its_refusals():
    table = rows(ARCHITECTURE.section("States of a course"))[1:]
    documented = {row[0].strip("`"): marked(row[1]) for row in table}
    assert documented == {act: {*rule.refused_when} for act, rule in COURSE_RULES.items()}


def test_every_end_cause_is_documented():
    assert set(EndCause) <= marked(ARCHITECTURE.section("Settlement table"))


def test_exactly_the_log_events_about_money_are_documented():
    marked_names = marked(page("docs/ops/monitoring.md").section("Following one booking"))
    named = {word for word in marked_names if re.fullmatch(rf"(?:{ABOUT_MONEY})\.\w+", word)}
    assert named == _logged()
    assert len(named) > 15


def test_every_table_in_a_query_exists():
    matches = {
        name
        for of in all_pages()
        for block in of.blocks("bash")
        for name in re.findall(r"(?:FROM|UPDATE) (\w+)", block)
    }
    assert matches
    assert matches <= set(SQLModel.metadata.tables)


def test_every_documented_test_card_works_in_the_sandbox():
    numbers = re.findall(r"^ *\| (\d{4}(?: \d{4}){3}) \|", page("README.md").text, re.MULTILINE)
    assert numbers
    assert [n for n in numbers if n.replace(" ", "") not in CARDS] == []


def test_the_architecture_diagram_shows_exactly_the_packages():
    in_table = {row[0] for row in rows(ARCHITECTURE.section("Rooms"))[1:]}
    assert in_table == {f"`coursebook/{room}`" for room in ROOMS}
    assert [name for name in SINGLE_FILES if f"`coursebook/{name}`" not in ARCHITECTURE.text] == []


def test_the_readme_names_every_package():
    marked_names = marked(page("README.md").section("How it is built"))
    assert set(ROOMS) - marked_names == set()


def test_every_path_in_the_docs_exists():
    made_in_a_walk = {"coursebook/ui/pages/about.py", *DUTCH}
    named = {m for of in all_pages() for m in marked(of.prose) if PATH.fullmatch(m)}
    missing = {path for path in named if not (ROOT / path).exists()}
    assert missing - made_in_a_walk == set()


def test_the_documented_import_directions_are_those_checked():
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = rules["tool"]["importlinter"]["contracts"]
    matches = re.findall(r'^- "(.+)"$', ARCHITECTURE.section("Directions"), re.MULTILINE)
    assert matches == [contract["name"] for contract in contracts]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    drawn = [
        line.strip() for line in ARCHITECTURE.section("Directions").split("```")[1].split("\n")
    ]
    assert [line for line in drawn if line and line != "↓"] == layers


def test_sorting_and_limits_of_lists_are_documented():
    words = get_args(CourseParameters.model_fields["sort"].annotation)
    assert words
    assert [word for word in words if f"`{word}`" not in API.text] == []
