"""Stripe is killed in the middle of a checkout, and comes back; on both databases."""

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import in_a_hurry
from tests.support.harness import a_world
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess


async def test_stripe_killed_in_the_middle_and_back_again(database_url: str, monkeypatch):
    product = f"http://localhost:{free_port()}"
    hook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with SandboxProcess(product_url=product, webhook_url=hook, retry_base_seconds=0.05) as sandbox:
        async with a_world(sandbox, database_url) as world:
            in_a_hurry(world, monkeypatch)
            sam, course = world.student("sam"), await world.course(capacity=1)
            await world.token(sam)
            sandbox.end()
            answer = await world.post("/api/stripe/checkout", sam, json={"course_id": course.id})
            assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
            assert "Your place is held" in answer.json()["detail"]
            world.clock.advance(world.services.context.hold * 2)
            await world.worker_round()
            assert (await world.course_now(course)).held == 1, "Stripe was not asked"
            (booking,) = (await world.get("/api/bookings", sam)).json()["items"]
            sandbox.start()
            again = await world.post(f"/api/bookings/{booking['id']}/retry", sam)
            assert again.status_code in (200, 201), again.text
            page = again.json()["session_id"]
            await world.control(f"sessions/{page}/pay", card=cards.VISA)
            await world.services.webhooks.drain()
            (booking,) = (await world.get("/api/bookings", sam)).json()["items"]
            assert booking["status"] == "confirmed"
            await check_books(world)
