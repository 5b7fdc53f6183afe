"""A checkout URL that is not Stripe's: nobody is redirected to it, and nothing else changes."""

import logging
from dataclasses import replace

import pytest

from coursebook.payments.checkout_url import CheckoutHosts
from coursebook.ui.states.course import CourseState
from tests.support.harness import Harness
from tests.support.log_format import plain_log
from tests.ui.tabs import Tab


async def test_a_foreign_checkout_url_is_never_returned(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    harness, course = sqlite_harness, await sqlite_harness.course()
    sam = harness.student("sam")
    started = await harness.checkout(sam, course)
    strange = replace(
        harness.services.context, checkout_hosts=CheckoutHosts()
    )  # the sandbox's is none then
    monkeypatch.setattr(harness.services.checkout, "_context", strange)
    with plain_log(logging.CRITICAL):  # each of these is an error in the log
        asked = [
            await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id}),
            await harness.post(f"/api/bookings/{started.booking_id}/retry", sam),
            await harness.post(
                "/api/stripe/checkout", harness.student("sally"), json={"course_id": course.id}
            ),
        ]
        tab = Tab(f"/courses/{course.slug}")
        sent = await tab.fire(CourseState.book_clicked, await harness.token(sam))
    for answer in asked:
        assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
        assert "localhost" not in answer.text
    assert sent == []
    assert "payment service" in (await tab.state(CourseState)).notice.text
    monkeypatch.undo()
    again = await harness.checkout(sam, course)
    assert (again.status_code, again.booking_id) == (200, started.booking_id)
