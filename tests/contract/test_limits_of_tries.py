"""How often somebody may try; and that the counter itself never keeps anybody from booking."""

from coursebook.services.limits import Limits, Rates
from tests.support.one_database import database_url  # noqa: F401 - one kind is enough here
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess
from tests.support.world import OPERATOR, World, a_world


async def test_too_many_tries_of_one_student_are_told_to_wait(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_world(sandbox_of_the_run, sqlite_url, checkout_limit="3/minute") as world:
        sam, course = world.student("sam"), await world.course()
        calls = [
            await world.post("/api/stripe/checkout", sam, json={"course_id": course.id})
            for _ in range(4)
        ]
        assert [c.status_code for c in calls] == [201, 200, 200, 429]
        assert calls[3].json()["code"] == "rate_limited"
        assert 1 <= int(calls[3].headers["Retry-After"]) <= 60
        assert "Nothing was charged" in calls[3].json()["detail"]
        booking_id = calls[0].json()["booking_id"]
        for call in ("retry", "cancel"):
            answer = await world.post(f"/api/bookings/{booking_id}/{call}", sam)
            assert answer.status_code == 429
        assert (await world.checkout(world.student("sally"), course)).status_code == 201
        cancelled = await world.post(f"/api/bookings/{booking_id}/cancel", OPERATOR)
        assert cancelled.status_code == 200


async def test_an_operator_may_cancel_as_many_as_it_takes(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_world(sandbox_of_the_run, sqlite_url, checkout_limit="2/minute") as world:
        course = await world.course()
        for name in ("a", "b", "c", "d"):
            started = await world.checkout(world.student(name), course)
            path = f"/api/bookings/{started.booking_id}/cancel"
            assert (await world.post(path, OPERATOR)).status_code == 200


async def test_one_address_is_limited_across_its_students(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_world(sandbox_of_the_run, sqlite_url, address_limit="2/minute") as world:
        course = await world.course()
        codes = [
            (
                await world.post(
                    "/api/stripe/checkout", world.student(name), json={"course_id": course.id}
                )
            ).status_code
            for name in ("sam", "sue", "ann")
        ]
        assert codes == [201, 201, 429]


async def test_too_many_good_tokens_of_one_person_and_bad_ones_of_one_address_are_told_to_wait(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    limits = {"token_limit": "2/minute", "address_limit": "2/minute"}
    async with a_world(sandbox_of_the_run, sqlite_url, **limits) as world:
        bad = {"Authorization": "Bearer of.bad.news"}
        calls = [await world.get("/api/bookings", world.student("sam")) for _ in range(3)]
        calls += [await world.get("/api/bookings", headers=bad) for _ in range(3)]
        assert [c.status_code for c in calls] == [200, 200, 429, 401, 401, 429]
        for refused in (calls[2], calls[5]):
            assert refused.json()["code"] == "rate_limited"
            assert 1 <= int(refused.headers["Retry-After"]) <= 61
        neighbour = await world.get("/api/bookings", world.student("sally"))
        assert neighbour.status_code == 200, "a school is not shut out by one who tries"
        assert (await world.get("/api/bookings")).status_code == 401, "no token is no bad one"


async def test_searches_of_one_address_are_limited_and_the_webhook_never_is(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_world(sandbox_of_the_run, sqlite_url, address_limit="1/minute") as world:
        calls = [await world.get("/api/courses", params={"q": "clay"}) for _ in range(2)]
        assert [c.status_code for c in calls] == [200, 429]
        assert 1 <= int(calls[1].headers["Retry-After"]) <= 61
        assert (await world.get("/api/courses")).status_code == 200, "looking is not searching"
        told = [await world.post("/api/stripe/webhook", content=b"{}") for _ in range(5)]
        assert {t.status_code for t in told} == {400}


async def test_redis_counts_for_all_processes_together(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str, redis_url: str
):
    async with a_world(
        sandbox_of_the_run, sqlite_url, redis_url=redis_url, checkout_limit="2/minute"
    ) as world:
        other = Limits(Rates(*["2/minute"] * 3, "100/minute"), redis_url, world.clock)
        sam, course = world.student("sam"), await world.course()
        who = await world.principal(sam)
        await other.count("checkout", who.user_id)
        await other.close()
        await world.checkout(sam, course)
        answer = await world.post("/api/stripe/checkout", sam, json={"course_id": course.id})
        assert answer.status_code == 429


async def test_a_lost_counter_keeps_nobody_from_booking(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with a_world(sandbox_of_the_run, sqlite_url, redis_url=gone) as world:
        started = await world.checkout(world.student("sam"), await world.course())
        assert started.status_code == 201


async def test_ready_names_what_does_not_answer(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    gone = f"redis://127.0.0.1:{free_port()}/0"
    async with a_world(sandbox_of_the_run, sqlite_url, redis_url=gone) as world:
        await world.worker_round()
        answer = await world.get("/api/ready")
        assert answer.status_code == 503
        assert answer.json()["parts"]["redis"] == "does not answer"


async def test_ready_feels_the_pulse_of_the_worker(world: World):
    answer = await world.get("/api/ready")
    assert (answer.status_code, answer.json()["parts"]["worker"]) == (503, "has not come round yet")
    await world.worker_round()
    assert (await world.get("/api/ready")).status_code == 200
    world.clock.advance(world.services.tools.hold)
    answer = await world.get("/api/ready")
    assert answer.status_code == 503
    assert "last seen" in answer.json()["parts"]["worker"]
