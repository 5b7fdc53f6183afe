"""Stripe is killed in the middle of a checkout, and comes back; on both databases."""

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import a_harness
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess


async def test_stripe_killed_in_the_middle_and_back_again(database_url: str, monkeypatch):
    product = f"http://localhost:{free_port()}"
    hook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with SandboxProcess(product_url=product, webhook_url=hook, retry_base_seconds=0.05) as sandbox:
        async with a_harness(sandbox, database_url) as harness:
            shorten_stripe_timeouts(harness, monkeypatch)
            sam, course = harness.student("sam"), await harness.course(capacity=1)
            await harness.token(sam)
            sandbox.end()
            answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
            assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
            assert "Your place is held" in answer.json()["detail"]
            harness.clock.advance(harness.services.context.hold * 2)
            await harness.worker_round()
            assert (await harness.course_now(course)).held == 1, "Stripe was not asked"
            (booking,) = (await harness.get("/api/bookings", sam)).json()["items"]
            sandbox.start()
            again = await harness.post(f"/api/bookings/{booking['id']}/retry", sam)
            assert again.status_code in (200, 201), again.text
            page = again.json()["session_id"]
            await harness.control(f"sessions/{page}/pay", card=cards.VISA)
            await harness.services.webhooks.drain()
            (booking,) = (await harness.get("/api/bookings", sam)).json()["items"]
            assert booking["status"] == "confirmed"
            await check_books(harness)
