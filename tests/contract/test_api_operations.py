"""Health, readiness, metrics and the sign-in settings."""

import asyncio
import inspect
import os
import re
import sys
from pathlib import Path

import pytest

from coursebook.api.routes.identity import identity_of
from coursebook.domain.inbox import InboxKind
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.unit_of_work import writing
from coursebook.services.metrics import Metrics
from coursebook.settings import Settings
from tests.support.documents import page
from tests.support.harness import Harness


def counted(text: str, **labels: str) -> float:
    label_text = ",".join(f'{name}="{value}"' for name, value in labels.items())
    match = re.search(
        rf"^coursebook_http_requests_total{{{re.escape(label_text)}}} (\S+)$", text, re.MULTILINE
    )
    return float(match[1]) if match else 0.0


async def test_it_is_ready_once_the_worker_has_come_round(harness: Harness):
    before = await harness.get("/api/ready")
    assert (before.status_code, before.json()["code"]) == (503, "unavailable")
    assert before.json()["parts"]["worker"] != "ok"
    await harness.worker_round()
    await harness.later(seconds=2)
    after = await harness.get("/api/ready")
    assert (after.status_code, after.json()["status"]) == (200, "ready")
    assert after.json()["parts"] == {
        "database": "ok",
        "migrations": "ok",
        "redis": "not used",
        "worker": "ok",
    }


async def test_it_is_not_ready_when_the_worker_has_stopped(sqlite_harness: Harness):
    await sqlite_harness.worker_round()
    await sqlite_harness.later(minutes=10)
    answer = await sqlite_harness.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"].startswith("last seen")


async def test_calls_are_counted_under_the_template_of_their_route(sqlite_harness: Harness):
    async def metrics() -> str:
        answer = await sqlite_harness.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text

    one = {"method": "GET", "route": "/api/courses/{id_or_slug}", "status": "404"}
    lost = {"method": "GET", "route": "unmatched", "status": "404"}
    before = await metrics()
    await sqlite_harness.get("/api/courses/private-name")
    await sqlite_harness.get("/api/private-name")
    after = await metrics()
    assert counted(after, **one) == counted(before, **one) + 1
    assert counted(after, **lost) == counted(before, **lost) + 1
    assert "private-name" not in after
    assert "coursebook_http_request_seconds_bucket" in after
    assert "process_resident_memory_bytes" in after


def gauge(text: str, name: str) -> float:
    match = re.search(rf"^coursebook_{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert match, f"{name} is missing"
    return float(match[1])


async def test_what_waits_and_what_stands_in_the_books_is_shown(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    await harness.confirmed(sam, course)
    waiting = await harness.checkout(sam, await harness.course())
    text = (await harness.get("/metrics")).text
    assert gauge(text, 'bookings{status="confirmed"}') == 1
    assert gauge(text, 'bookings{status="pending"}') == 1
    assert gauge(text, "outbox_waiting") >= 1, "the mail is in the outbox until the worker runs"
    assert gauge(text, 'stripe_answers_total{answer="2xx"}') >= 2
    assert gauge(text, "database_up") == 1
    await harness.later(minutes=3)
    await harness.worker_round()
    await harness.later(minutes=4)
    text = (await harness.get("/metrics")).text
    assert gauge(text, "outbox_waiting") == 0
    assert gauge(text, 'pulse_age_seconds{name="worker"}') == pytest.approx(240, abs=60)
    assert gauge(text, "last_webhook_age_seconds") > 200
    assert await harness.status_of(waiting) == "pending"


async def test_what_a_person_must_decide_and_what_does_not_go_through_shows_its_age(
    sqlite_harness: Harness,
):
    harness, now = sqlite_harness, sqlite_harness.clock()
    async with writing(harness.services.context.database) as work:
        question = InboxEntryDraft("k", InboxKind.PROMISE_NOT_KEPT, "Somebody must look.")
        await work.inbox.put(question, now)
        await work.outbox.enqueue("mail of no kind", "k", {}, now)
        row = {"id": "evt_w", "type": "refund.created", "livemode": False, "payload": {}}
        await work.events.store([{**row, "received_at": now}])
    await harness.later(minutes=10)
    text = (await harness.get("/metrics")).text
    for name in ("money_inbox_open", "outbox_waiting", "webhook_events_waiting"):
        assert gauge(text, name) == 1
        assert gauge(text, f"{name}_age_seconds") == pytest.approx(600, abs=60)
    await harness.worker_round()
    await harness.later(seconds=2)
    assert gauge((await harness.get("/metrics")).text, "outbox_dead") == 1


def test_every_metric_and_every_alert_is_documented_and_exists():
    text = page("docs/ops/monitoring.md").text
    matches = set(re.findall(r"\bcoursebook_\w+", text))
    known = {f"coursebook_{name}" for name in gauges_of(Metrics)} | {
        "coursebook_http_requests_total",
        "coursebook_http_request_seconds_bucket",
        "coursebook_stripe_answers_total",
        "coursebook_database_up",
    }
    assert matches == known


def test_each_thing_to_watch_has_an_alert():
    alerts = page("docs/ops/monitoring.md").section("An alert for each way of losing money")
    for metric in (
        "http_requests_total",
        "bookings",
        "webhook_events_waiting_age_seconds",
        "outbox_waiting_age_seconds",
        "stripe_answers_total",
        "pulse_age_seconds",
        "database_up",
    ):
        assert f"coursebook_{metric}" in alerts


def gauges_of(kind: type) -> set[str]:
    """Return the names of all gauges, read from the source of the class that makes them."""
    source = inspect.getsource(inspect.getmodule(kind) or kind)
    alone = set(re.findall(r'Gauge\("(\w+)"', source))
    twins = set(re.findall(r'\("(\w+)", "[^"]+", await', source))
    return alone | twins | {f"{name}_age_seconds" for name in twins}


async def test_several_processes_add_up_their_counts(tmp_path: Path):
    program = (
        "from coursebook.counts import Counts; import sys;"
        "c = Counts.fresh(); c.stripe_answered('2xx'); c.requests.labels('GET', '/a', '200').inc();"
        "sys.stdout.buffer.write(c.text())"
    )
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for times in (1, 2, 3):
        command = asyncio.create_subprocess_exec(
            sys.executable, "-c", program, env=environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await (await command).communicate()
        assert gauge(said.decode(), 'stripe_answers_total{answer="2xx"}') == times
    assert counted(said.decode(), method="GET", route="/a", status="200") == 3


async def test_the_pages_learn_how_to_sign_people_in(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/api/identity")
    assert answer.json() == {
        "provider": "sandbox",
        "frontend_api": sqlite_harness.services.settings.coursebook_sandbox_url,
        "publishable_key": None,
    }


def test_with_clerk_the_address_is_read_from_its_public_key():
    key = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        clerk_publishable_key=key,
        clerk_secret_key="sk_test_x",
        stripe_secret_key="sk_test_x",
        mail_from="Courses <courses@example.org>",
        stripe_webhook_secret="whsec_x",
    )
    said = identity_of(settings)
    assert (said.provider, said.publishable_key) == ("clerk", key)
    assert said.frontend_api == "https://clerk.example.com"
