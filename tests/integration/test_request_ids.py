"""One request id from an API call through Stripe's calls to the webhook and the mail."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from coursebook.log import _add_request_id
from coursebook.payments.gateway import WebhookFacts
from coursebook.persistence.unit_of_work import reading
from tests.support import cards
from tests.support.harness import Harness
from tests.support.log_format import plain_log

CLICK, CANCEL = "click-0123456789", "cancel-0123456789"


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """Everything that is logged, each with the request it belongs to."""
    with plain_log():
        capture = LogCapture()
        structlog.configure(processors=[_add_request_id, capture])
        yield capture.entries


def lines(heard: list[Any], request: str, event: str) -> list[Any]:
    return [
        entry for entry in heard if entry.get("request_id") == request and entry["event"] == event
    ]


async def test_what_follows_from_a_call_carries_its_id_to_the_mail(
    sqlite_harness: Harness, heard: list[Any]
):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    course = await harness.course()
    answer = await harness.post(
        "/api/stripe/checkout",
        sam,
        json={"course_id": course.id},
        headers={"X-Request-Id": CLICK},
    )
    booking, session = answer.json()["booking_id"], answer.json()["session_id"]
    (asked,) = lines(heard, CLICK, "stripe.answered")
    assert (asked["call"], asked["status"]) == ("POST /v1/checkout/sessions", 200)
    assert asked["stripe_request"].startswith("req_")
    assert lines(heard, CLICK, "checkout.opened")
    await harness.control(f"sessions/{session}/pay", card=cards.VISA)
    await harness.quiet()
    await harness.worker_round()
    (settled,) = lines(heard, CLICK, "payment.settled")
    assert settled["booking"] == booking
    stored = [entry for entry in heard if entry["event"] == "webhook.stored"]
    assert CLICK in {entry["checkout_request_id"] for entry in stored}
    assert lines(heard, CLICK, "webhook.handled")
    assert "mail:booked" in {entry["kind"] for entry in lines(heard, CLICK, "outbox.delivered")}
    async with reading(harness.services.context.database) as work:
        trail = await work.audit.of_booking(booking)
    assert {row.request_id for row in trail} == {CLICK}


async def test_a_refund_is_found_again_by_the_name_that_stripe_gave_the_call(
    sqlite_harness: Harness, heard: list[Any]
):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    paid = await harness.confirmed(sam, await harness.course())
    path = f"/api/bookings/{paid.booking_id}/cancel"
    await harness.post(path, sam, headers={"X-Request-Id": CANCEL})
    await harness.worker_round()
    await harness.quiet()
    made = [
        entry for entry in lines(heard, CANCEL, "stripe.answered") if "refunds" in entry["call"]
    ]
    assert made, "the outbox message has the request id"
    named = {entry["stripe_request"] for entry in made}
    told = {entry["stripe_request"] for entry in heard if entry["event"] == "webhook.stored"}
    assert named & told


@pytest.mark.parametrize(
    "mark",
    [
        {},
        None,
        "text",
        {"app": "another", "request_id": CLICK},
        {"app": "coursebook"},
        {"app": "coursebook", "request_id": 7},
        {"app": "coursebook", "request_id": "a\nforged line"},
        {"app": "coursebook", "request_id": "x" * 500},
    ],
)
def test_an_id_is_taken_from_an_event_only_when_it_is_ours_and_harmless(mark: Any):
    def event(mark: Any, cause: Any) -> WebhookFacts:
        payload = {"data": {"object": {"metadata": mark}}, "request": cause}
        return WebhookFacts("evt_1", "charge.updated", "", None, livemode=False, payload=payload)

    strange = event(mark, {"id": ["x"]})
    assert (strange.checkout_request_id, strange.stripe_request) == ("", "")
    ours = event({"app": "coursebook", "request_id": CLICK}, {"id": "req_12345678"})
    assert (ours.checkout_request_id, ours.stripe_request) == (CLICK, "req_12345678")
