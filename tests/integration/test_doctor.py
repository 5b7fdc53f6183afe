"""`coursebook doctor`: reports success, and names each fault with its remedy."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coursebook.payments.event_targets import EVENTS
from coursebook.payments.stripe_checkup import Account, Endpoint, our_api_version
from coursebook.persistence.unit_of_work import writing
from coursebook.run.doctor import local_checks, stripe_checks
from coursebook.run.doctor.local_checks import backups, sign_in_clock
from coursebook.run.doctor.report import findings
from coursebook.run.doctor.result import Finding, Verdict
from coursebook.settings import Settings
from tests.support.harness import Harness
from tests.support.ports import free_port
from tests.support.product import product_settings
from tests.support.product_pool import ProductPool
from tests.support.sandbox import SandboxProcess

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REDIS_AWAY = "redis://127.0.0.1:9/0"
PARTS = [
    *("mode", "database", "migrations", "redis", "worker", "installation", "sign-in"),
    *(
        "sign-in clock",
        "mail",
        "money inbox",
        "backup",
        "stripe key",
        "clock",
        "stripe events",
        "address",
        "proxies",
    ),
    *("webhook", "undelivered"),
]


async def seen(settings: Settings) -> dict[str, Finding]:
    return {finding.part: finding async for finding in findings(settings)}


def faults(found: dict[str, Finding]) -> set[str]:
    return {part for part, finding in found.items() if finding.verdict is Verdict.WRONG}


async def test_a_healthy_product_passes_every_check(sqlite_harness: Harness):
    await sqlite_harness.worker_round()
    found = await seen(sqlite_harness.services.settings)
    assert [*found] == PARTS
    assert faults(found) == set()
    assert found["webhook"].observation == "a signed event arrives and is stored"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"stripe_secret_key": "nonsense_of_somebody_else"}, {"stripe key"}),
        ({"stripe_webhook_secret": ("whsec_of_somebody_else",)}, {"webhook"}),
        ({"smtp_url": "smtp://127.0.0.1:{dead}"}, {"mail"}),
        ({"redis_url": "redis://127.0.0.1:{dead}/0"}, {"redis"}),
        ({"public_url": "http://localhost:{dead}"}, {"address", "webhook"}),
        ({"coursebook_sandbox_url": "http://localhost:{dead}"}, {"sign-in", "stripe key"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_a_fault_is_named_with_its_remedy(
    sqlite_harness: Harness,
    sandbox_of_the_run: SandboxProcess,
    changed: dict[str, Any],
    named: set[str],
):
    await sqlite_harness.worker_round()
    dead = str(free_port())
    given = {k: v.replace("{dead}", dead) if isinstance(v, str) else v for k, v in changed.items()}
    usual = sqlite_harness.services.settings.database_url
    found = await seen(product_settings(sandbox_of_the_run, usual, **given))
    assert named <= faults(found)
    assert all(found[part].remedy for part in faults(found))
    told = " ".join(finding.line() for finding in found.values())
    assert not any(secret in told for secret in ("somebody_else", "whsec_", "sk_test_"))


@pytest.mark.parametrize(
    ("url", "trusted", "word"),
    [
        ("https://courses.example.org", 0, Verdict.NOTE),
        ("https://courses.example.org", 1, Verdict.OK),
        ("http://localhost:3000", 0, Verdict.OK),
    ],
)
def test_an_unconfigured_proxy_is_reported(
    sandbox_of_the_run: SandboxProcess, url: str, trusted: int, word: Verdict
):
    settings = product_settings(sandbox_of_the_run, "", public_url=url, trusted_proxies=trusted)
    finding = local_checks.proxies(settings)
    assert finding.verdict is word
    assert ("TRUSTED_PROXIES" in finding.remedy) is (word is Verdict.NOTE)


async def test_without_a_worker_and_with_another_database_it_says_so(
    sqlite_harness: Harness,
    sandbox_of_the_run: SandboxProcess,
    sqlite_template: Path,
    tmp_path: Path,
):
    other = shutil.copyfile(sqlite_template, tmp_path / "other.db")
    found = await seen(product_settings(sandbox_of_the_run, f"sqlite:///{other}"))
    assert faults(found) >= {"worker", "webhook"}
    assert "not in our database" in found["webhook"].observation


class Answering:
    """A stand-in for Stripe with configured answers."""

    def __init__(self, **values: Any) -> None:
        self._said = values

    async def account(self) -> Account:
        return Account(
            self._said.get("livemode", False), NOW + self._said.get("apart", timedelta())
        )

    async def endpoints(self) -> list[Endpoint]:
        return list(self._said["endpoints"])

    async def undelivered(self) -> int:
        return int(self._said["undelivered"])


def endpoint(**changed: Any) -> Endpoint:
    usual: dict[str, Any] = {
        "url": "https://courses.example.org/api/stripe/webhook",
        "is_enabled": True,
        "events": frozenset(EVENTS),
        "api_version": our_api_version(),
    }
    return Endpoint(**usual | changed)


def a_real_one(public_url: str = "https://courses.example.org") -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        public_url=public_url,
        stripe_secret_key="sk_test_x",
        mail_from="Courses <courses@example.org>",
        stripe_webhook_secret="whsec_x",
        clerk_publishable_key="pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
        clerk_secret_key="sk_test_x",
    )


@pytest.mark.parametrize(
    ("endpoints", "word", "said"),
    [
        ([endpoint()], Verdict.OK, "every event"),
        ([endpoint(events=frozenset({"*"}), api_version=None)], Verdict.OK, "every event"),
        ([endpoint(is_enabled=False)], Verdict.WRONG, "disabled"),
        (
            [endpoint(events=frozenset({"refund.created"}))],
            Verdict.WRONG,
            "checkout.session.completed",
        ),
        ([endpoint(api_version="2020-08-27")], Verdict.NOTE, "2020-08-27"),
        ([endpoint(url="https://other.example/api/stripe/webhook")], Verdict.WRONG, "no endpoint"),
        ([endpoint(url="https://courses.example.org/hook")], Verdict.WRONG, "no endpoint"),
        ([], Verdict.WRONG, "no endpoint"),
    ],
)
async def test_the_webhook_endpoint_is_checked(endpoints: list[Endpoint], word: Verdict, said: str):
    stripe: Any = Answering(endpoints=endpoints)
    finding = await stripe_checks.endpoint(stripe, a_real_one())
    assert finding.verdict is word
    assert said in finding.observation


async def test_a_local_product_needs_no_webhook_endpoint():
    stripe: Any = Answering(endpoints=[])
    finding = await stripe_checks.endpoint(stripe, a_real_one("http://localhost:3000"))
    assert finding.verdict is Verdict.NOTE


async def test_a_wrong_clock_and_a_key_of_the_other_mode_are_reported():
    late: Any = Answering(apart=timedelta(minutes=3))
    key, clock = await stripe_checks.account(late, a_real_one(), NOW)
    assert (key.verdict, clock.verdict) == (Verdict.OK, Verdict.WRONG)
    assert clock.observation.startswith("180 s")
    live: Any = Answering(livemode=True)
    (key,) = await stripe_checks.account(live, a_real_one(), NOW)
    assert key.verdict is Verdict.WRONG


async def test_events_that_did_not_arrive_are_counted():
    some: Any = Answering(undelivered=3)
    assert (await stripe_checks.undelivered(some)).observation.startswith("3 events")


async def test_connections_of_all_processes_are_compared_with_what_postgresql_has(
    product_pool: ProductPool,
):
    async with product_pool.harness("postgres") as harness:
        settings = harness.services.settings
        most = settings.model_copy(update={"database_connections": 60, "redis_url": REDIS_AWAY})
        found = await seen(most.model_copy(update={"processes": 4}))
        assert found["connections"].verdict is Verdict.WRONG
        assert (
            found["connections"].observation
            == "4 processes with 60 connections each; PostgreSQL allows us 197"
        )
        assert "DATABASE_CONNECTIONS" in found["connections"].remedy
        assert (await seen(most.model_copy(update={"processes": 2})))[
            "connections"
        ].verdict is Verdict.OK
        behind = settings.model_copy(update={"database_pooler": True})
        assert "connections" not in await seen(behind)


@pytest.mark.parametrize(
    ("seconds", "word"), [(0, Verdict.OK), (40, Verdict.WRONG), (-40, Verdict.WRONG)]
)
async def test_our_clock_is_compared_with_the_one_that_session_tokens_come_from(
    sqlite_harness: Harness, seconds: int, word: Verdict
):
    ahead = timedelta(seconds=seconds)
    services = replace(sqlite_harness.services, clock=lambda: datetime.now(UTC) + ahead)
    finding = await sign_in_clock(services)
    assert finding.verdict is word, finding.line()


@pytest.mark.parametrize(
    ("hours", "word"), [(None, Verdict.NOTE), (1, Verdict.OK), (47, Verdict.OK), (49, Verdict.NOTE)]
)
async def test_an_old_backup_is_reported_and_its_age_is_a_metric(
    sqlite_harness: Harness, hours: float | None, word: Verdict
):
    harness = sqlite_harness
    if hours is not None:
        async with writing(harness.services.context.database) as work:
            await work.heartbeats.beat("backup", harness.clock() - timedelta(hours=hours))
    assert (await backups(harness.services)).verdict is word
    gauges = {gauge.name: gauge for gauge in await harness.services.metrics.gauges()}
    age = gauges["backup_age_seconds"].values[""]
    assert abs(age - (hours or 0) * 3600) < 60
    assert "backup" not in gauges["pulse_age_seconds"].values
