"""What those who run it ask: health, readiness, metrics, and how people sign in."""

import re

from coursebook.api.identity import identity_of
from coursebook.settings import Settings
from tests.support.world import World


def counted(text: str, **labels: str) -> float:
    wanted = ",".join(f'{name}="{value}"' for name, value in labels.items())
    found = re.search(
        rf"^coursebook_http_requests_total{{{re.escape(wanted)}}} (\S+)$", text, re.MULTILINE
    )
    return float(found[1]) if found else 0.0


async def test_it_is_ready_once_the_worker_has_come_round(world: World):
    before = await world.get("/api/ready")
    assert (before.status_code, before.json()["code"]) == (503, "unavailable")
    assert before.json()["parts"]["worker"] != "ok"
    await world.worker_round()
    after = await world.get("/api/ready")
    assert (after.status_code, after.json()["status"]) == (200, "ready")
    assert after.json()["parts"] == {
        "database": "ok",
        "migrations": "ok",
        "redis": "not used",
        "worker": "ok",
    }


async def test_it_is_not_ready_when_the_worker_has_stopped(sqlite_world: World):
    await sqlite_world.worker_round()
    await sqlite_world.later(minutes=10)
    answer = await sqlite_world.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"].startswith("last seen")


async def test_calls_are_counted_under_the_template_of_their_route(sqlite_world: World):
    async def metrics() -> str:
        answer = await sqlite_world.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        return answer.text

    one = {"method": "GET", "route": "/api/courses/{id_or_slug}", "status": "404"}
    lost = {"method": "GET", "route": "unmatched", "status": "404"}
    before = await metrics()
    await sqlite_world.get("/api/courses/private-name")
    await sqlite_world.get("/api/private-name")
    after = await metrics()
    assert counted(after, **one) == counted(before, **one) + 1
    assert counted(after, **lost) == counted(before, **lost) + 1
    assert "private-name" not in after
    assert "coursebook_http_request_seconds_bucket" in after
    assert "process_resident_memory_bytes" in after


async def test_the_pages_learn_how_to_sign_people_in(sqlite_world: World):
    answer = await sqlite_world.get("/api/identity")
    assert answer.json() == {
        "provider": "sandbox",
        "frontend_api": sqlite_world.services.settings.coursebook_sandbox_url,
        "publishable_key": None,
    }


def test_with_clerk_the_address_is_read_from_its_public_key():
    key = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        clerk_publishable_key=key,
        clerk_secret_key="sk_test_x",
        stripe_secret_key="sk_test_x",
        stripe_webhook_secret="whsec_x",
    )
    said = identity_of(settings)
    assert (said.provider, said.publishable_key) == ("clerk", key)
    assert said.frontend_api == "https://clerk.example.com"
