"""Rate limits, and booking while the counter is unavailable."""

from datetime import timedelta

import pytest

from coursebook.errors import RateLimited
from coursebook.services.health import CACHE_SECONDS
from coursebook.services.rate_limits import Limits, Rates
from coursebook.wiring import system_clock
from tests.support.harness import OPERATOR, Harness, a_harness
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess


async def test_too_many_tries_of_one_student_are_told_to_wait(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, checkout_limit="3/minute") as harness:
        sam, course = harness.student("sam"), await harness.course()
        calls = [
            await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
            for _ in range(4)
        ]
        assert [c.status_code for c in calls] == [201, 200, 200, 429]
        assert calls[3].json()["code"] == "rate_limited"
        assert 1 <= int(calls[3].headers["Retry-After"]) <= 60
        assert "Nothing was charged" in calls[3].json()["detail"]
        booking_id = calls[0].json()["booking_id"]
        for call in ("retry", "cancel"):
            answer = await harness.post(f"/api/bookings/{booking_id}/{call}", sam)
            assert answer.status_code == 429
        assert (await harness.checkout(harness.student("sally"), course)).status_code == 201
        cancelled = await harness.post(f"/api/bookings/{booking_id}/cancel", OPERATOR)
        assert cancelled.status_code == 200


async def test_an_operator_may_cancel_as_many_as_it_takes(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, checkout_limit="2/minute") as harness:
        course = await harness.course()
        for name in ("a", "b", "c", "d"):
            started = await harness.checkout(harness.student(name), course)
            path = f"/api/bookings/{started.booking_id}/cancel"
            assert (await harness.post(path, OPERATOR)).status_code == 200


async def test_a_whole_school_behind_one_address_books_within_a_minute(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, address_limit="2/minute") as harness:
        course = await harness.course(capacity=30)
        for number in range(12):
            student = harness.student(f"s{number}")
            answer = await harness.post(
                "/api/stripe/checkout", student, json={"course_id": course.id}
            )
            assert answer.status_code == 201
            retried = f"/api/bookings/{answer.json()['booking_id']}/retry"
            assert (await harness.post(retried, student)).status_code == 200


async def test_a_signed_in_search_has_its_own_limit(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    limits = {"address_limit": "2/minute", "search_limit": "3/minute"}
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:
        sam, search = harness.student("sam"), {"q": "clay"}
        bad = {"Authorization": "Bearer of.bad.news"}
        for headers, code in (({}, 200), ({}, 200), ({}, 429), (bad, 429)):
            answer = await harness.get("/api/courses", headers=headers, params=search)
            assert answer.status_code == code
        codes = [
            (await harness.get("/api/courses", sam, params=search)).status_code for _ in range(4)
        ]
        assert codes == [200, 200, 200, 429], "a signed-in person has a separate limit"
        answer = await harness.get("/api/courses", harness.student("sally"), params=search)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("addresses", "codes"),
    [
        (["2001:db8:1:2::1", "2001:db8:1:2:9:9:9:9", "2001:db8:1:2::2"], [200, 200, 429]),
        (["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:2::2"], [200, 200, 200]),
        (["::ffff:203.0.113.7", "203.0.113.7", "::ffff:cb00:7107"], [200, 200, 429]),
    ],
)
async def test_a_home_network_counts_as_one_address(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str, addresses: list[str], codes: list[int]
):
    limits = {"address_limit": "2/minute", "trusted_proxies": 1}
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:
        found = [
            await harness.get(
                "/api/courses", params={"q": "clay"}, headers={"X-Forwarded-For": address}
            )
            for address in addresses
        ]
        assert [answer.status_code for answer in found] == codes


async def test_a_tab_has_a_share_of_its_own_and_programs_do_not_use_it_up():
    limits = Limits(Rates(*["9/minute"] * 3, "2/minute", "3/minute"), "", system_clock)
    for _ in range(2):
        await limits.count_stranger("search", "203.0.113.7")
    with pytest.raises(RateLimited):
        await limits.count_stranger("search", "203.0.113.7")
    for tab in ("one", "two", "three"):
        for _ in range(3):
            await limits.count_stranger("search", "203.0.113.7", tab)
        with pytest.raises(RateLimited):
            await limits.count_stranger("search", "203.0.113.7", tab)
    for number in range(11):  # three each for three tabs, and ten times the two of a program
        await limits.count_stranger("search", "203.0.113.7", f"made up {number}")
    with pytest.raises(RateLimited):
        await limits.count_stranger("search", "203.0.113.7", "one too many")
    await limits.count("search", "sam")
    await limits.count_stranger("search", "203.0.113.8", "one more")


async def test_too_many_good_tokens_of_one_person_and_bad_ones_of_one_address_are_told_to_wait(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    limits = {"token_limit": "2/minute", "address_limit": "2/minute"}
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:
        bad = {"Authorization": "Bearer of.bad.news"}
        calls = [await harness.get("/api/bookings", harness.student("sam")) for _ in range(3)]
        calls += [await harness.get("/api/bookings", headers=bad) for _ in range(3)]
        assert [c.status_code for c in calls] == [200, 200, 429, 401, 401, 429]
        for refused in (calls[2], calls[5]):
            assert refused.json()["code"] == "rate_limited"
            assert 1 <= int(refused.headers["Retry-After"]) <= 61
        neighbour = await harness.get("/api/bookings", harness.student("sally"))
        assert neighbour.status_code == 200, "one attacker must not lock out a whole school"
        assert (await harness.get("/api/bookings")).status_code == 401, (
            "a missing token must not count as invalid"
        )


async def test_searches_of_one_address_are_limited_and_the_webhook_never_is(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, address_limit="1/minute") as harness:
        calls = [await harness.get("/api/courses", params={"q": "clay"}) for _ in range(2)]
        assert [c.status_code for c in calls] == [200, 429]
        assert 1 <= int(calls[1].headers["Retry-After"]) <= 61
        assert (await harness.get("/api/courses")).status_code == 200, (
            "reading must not count as searching"
        )
        answers = [await harness.post("/api/stripe/webhook", content=b"{}") for _ in range(5)]
        assert {t.status_code for t in answers} == {400}


async def test_redis_counts_for_all_processes_together(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str, redis_url: str
):
    async with a_harness(
        sandbox_of_the_run, sqlite_url, redis_url=redis_url, checkout_limit="2/minute"
    ) as harness:
        other = Limits(
            Rates(*["2/minute"] * 3, "100/minute", "100/minute"), redis_url, harness.clock
        )
        sam, course = harness.student("sam"), await harness.course()
        principal = await harness.principal(sam)
        await other.count("checkout", principal.user_id)
        await other.close()
        await harness.checkout(sam, course)
        answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
        assert answer.status_code == 429


async def test_booking_works_without_the_counter(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with a_harness(sandbox_of_the_run, sqlite_url, redis_url=gone) as harness:
        started = await harness.checkout(harness.student("sam"), await harness.course())
        assert started.status_code == 201


async def test_ready_names_what_does_not_answer(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with a_harness(sandbox_of_the_run, sqlite_url, redis_url=gone) as harness:
        await harness.worker_round()
        answer = await harness.get("/api/ready")
        assert answer.status_code == 503
        assert answer.json()["parts"]["redis"] == "does not answer"


async def test_ready_checks_the_worker_heartbeat(harness: Harness):
    answer = await harness.get("/api/ready")
    assert (answer.status_code, answer.json()["parts"]["worker"]) == (503, "has not run yet")
    await harness.worker_round()
    harness.clock.advance(timedelta(seconds=CACHE_SECONDS + 0.1))  # the answer is kept that long
    assert (await harness.get("/api/ready")).status_code == 200
    harness.clock.advance(harness.services.context.hold)
    answer = await harness.get("/api/ready")
    assert answer.status_code == 503
    assert "last seen" in answer.json()["parts"]["worker"]
