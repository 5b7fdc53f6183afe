"""The money inbox over HTTP: access, content, actions and closing."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.mail.smtp import MailNotSent
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import OPERATOR, Harness, Started, eur
from tests.support.stripe_objects import ask_stripe, charge_of, deliver, event_of, refunds_at_stripe

INBOX = "/api/manage/inbox"


async def entries(harness: Harness, state: str = "open") -> list[dict[str, Any]]:
    answer = await harness.get(INBOX, OPERATOR, params={"state": state, "limit": 100})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def act(harness: Harness, entry: dict[str, Any], **more: Any):
    path, said = f"{INBOX}/{entry['id']}/act", {"action": entry["action"]}
    return await harness.post(path, OPERATOR, json=said, **more)


async def done(harness: Harness, entry: dict[str, Any]) -> dict[str, Any]:
    """Act on an entry, run the worker, and return the entry afterwards."""
    answer = await act(harness, entry)
    assert answer.status_code == 200, answer.text
    await harness.worker_round()
    await harness.quiet()
    return dict((await harness.get(f"{INBOX}/{entry['id']}", OPERATOR)).json())


async def paid_otherwise(harness: Harness, **lie: Any) -> Started:
    """Return a paid checkout whose amount at Stripe differs from ours."""
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    await harness.control(f"sessions/{started.session_id}/tamper", **lie)
    await deliver(harness, await event_of(harness, started, "checkout.session.completed"))
    return started


async def outside(harness: Harness, amount: int) -> Started:
    """Return a confirmed booking with a refund made in Stripe's dashboard."""
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=amount)
    await harness.quiet()
    return started


async def test_a_healthy_system_shows_it_empty(sqlite_harness: Harness):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    paid = await harness.confirmed(sam, await harness.course())
    await harness.post(f"/api/bookings/{paid.booking_id}/cancel", sam)
    await harness.worker_round()
    answer = await harness.get(INBOX, OPERATOR)
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_only_an_operator_sees_and_does_anything(sqlite_harness: Harness):
    harness = sqlite_harness
    await outside(harness, 500)
    (entry,) = await entries(harness)
    sam, path = harness.student("sam"), f"{INBOX}/{entry['id']}"
    for method, more, body in (
        ("GET", "", None),
        ("POST", "/act", {"action": "accept"}),
        ("POST", "/resolve", {"note": "x"}),
    ):
        answer = await harness.call(method, path + more, sam, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await harness.get(INBOX, sam)).status_code == 403
    assert [e["id"] for e in await entries(harness)] == [entry["id"]]


async def test_an_entry_says_cause_amount_booking_money_and_one_action(sqlite_harness: Harness):
    started = await outside(sqlite_harness, 500)
    (entry,) = await entries(sqlite_harness)
    assert (entry["kind"], entry["action"]) == ("refund_from_outside", "accept")
    assert entry["amount"] == {"amount": 500, "currency": "eur"}
    assert entry["booking_id"] == started.booking_id
    assert "dashboard" in entry["cause"]
    assert "still has the place" in entry["money"]


async def test_accepting_closes_once_with_actor_and_request_in_the_trail(sqlite_harness: Harness):
    harness = sqlite_harness
    await outside(harness, 500)
    (entry,) = await entries(harness)
    answer = await act(harness, entry, headers={"X-Request-Id": "req_of_olga_1"})
    closed = answer.json()
    assert (closed["resolution"], closed["action"]) == ("done", None)
    assert closed["closed_by"].startswith("operator user_")
    assert await entries(harness) == []
    assert [e["id"] for e in await entries(harness, "closed")] == [entry["id"]]
    again = await harness.post(f"{INBOX}/{entry['id']}/act", OPERATOR, json={"action": "accept"})
    assert (again.status_code, again.json()["code"]) == (409, "not_actionable")
    row = [r for r in (await check_books(harness)).audit if r.event == "inbox"][-1]
    assert (row.from_state, row.to_state, row.request_id) == ("open", "closed", "req_of_olga_1")
    assert row.actor == closed["closed_by"]


async def test_the_same_key_again_gets_the_first_answer(sqlite_harness: Harness):
    harness = sqlite_harness
    await outside(harness, 500)
    (entry,) = await entries(harness)
    key = {"Idempotency-Key": "one-decision"}
    first, second = [await act(harness, entry, headers=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json() == second.json()


async def test_an_action_that_was_not_shown_is_refused(sqlite_harness: Harness):
    await outside(sqlite_harness, 500)
    (entry,) = await entries(sqlite_harness)
    answer = await act(sqlite_harness, {**entry, "action": "refund"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    assert len(await entries(sqlite_harness)) == 1


async def test_what_was_done_by_hand_is_closed_with_a_note(sqlite_harness: Harness):
    harness = sqlite_harness
    await outside(harness, 500)
    (entry,) = await entries(harness)
    path = f"{INBOX}/{entry['id']}/resolve"
    assert (await harness.post(path, OPERATOR, json={"note": ""})).status_code == 422
    closed = (await harness.post(path, OPERATOR, json={"note": "He called, he stays."})).json()
    assert (closed["resolution"], closed["note"]) == ("by_hand", "He called, he stays.")
    assert (await harness.post(path, OPERATOR, json={"note": "x"})).status_code == 409
    causes = [r.cause for r in (await check_books(harness)).audit if r.event == "inbox"]
    assert causes[-1] == "Handled by hand; the note is in the entry."


@pytest.mark.parametrize("name", ["inb_unknown", "%00", "x" * 400])
async def test_an_unknown_entry_is_not_found(sqlite_harness: Harness, name: str):
    for method, more in (("GET", ""), ("POST", "/act"), ("POST", "/resolve")):
        body = {"action": "accept"} if more == "/act" else {"note": "x"}
        said = {"json": body} if more else {}
        answer = await sqlite_harness.call(method, f"{INBOX}/{name}{more}", OPERATOR, **said)
        assert (answer.status_code, answer.json()["code"]) == (404, "inbox_entry_not_found")


async def test_walking_all_pages_meets_every_entry_once_oldest_first(harness: Harness):
    for amount in (100, 200, 300):
        await outside(harness, amount)
    met, cursor = [], None
    while True:
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await harness.get(INBOX, OPERATOR, params=query)).json()
        met += [e["amount"]["amount"] for e in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        crossed = await harness.get(INBOX, OPERATOR, params={"state": "closed", "cursor": cursor})
        assert crossed.status_code == 422, "a cursor of another list must be refused"
    assert met == [100, 200, 300]


@pytest.mark.parametrize("lie", [{"amount_total": 4400}, {"currency": "usd"}])
async def test_a_payment_that_differs_is_given_back_and_may_be_paid_anew(harness: Harness, lie):
    started = await paid_otherwise(harness, **lie)
    (entry,) = await entries(harness)
    assert (entry["kind"], entry["action"]) == ("payment_differs", "refund")
    assert (await done(harness, entry))["resolution"] == "done"
    (refund,) = await refunds_at_stripe(harness, started)
    assert refund["amount"] == 4500, "the whole payment must be refunded"
    await check_books(harness)
    again = await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert again.status_code == 201, "the refund must be possible again"


async def test_the_refund_mail_of_a_payment_in_another_currency_names_what_moved(
    sqlite_harness: Harness,
):
    started = await paid_otherwise(sqlite_harness, currency="usd")
    (entry,) = await entries(sqlite_harness)
    await done(sqlite_harness, entry)
    await sqlite_harness.worker_round()  # it learns that the refund was made, and writes
    (mail,) = [m for m in await sqlite_harness.mails(started.student) if "Refund" in m["subject"]]
    assert mail["subject"].startswith("Refund of $45.00")
    assert "€" not in mail["text"]


async def test_a_payment_that_differs_and_went_back_in_the_dashboard_asks_nobody(harness: Harness):
    started = await paid_otherwise(harness, amount_total=4400)
    await harness.control("deliveries/release")
    await harness.control(f"charges/{await charge_of(harness, started)}/refund")
    await harness.quiet()
    assert await entries(harness) == []
    assert [e["resolution"] for e in await entries(harness, "closed")] == ["gone"]


async def test_a_failed_refund_is_made_again_once(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.REFUND_FAILS)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    await harness.later(minutes=2)
    await harness.quiet()
    (entry,) = await entries(harness)
    assert (entry["kind"], entry["amount"]["amount"]) == ("refund_failed", 4500)
    assert (await done(harness, entry))["resolution"] == "done"
    assert (await harness.booking(started))["payment_status"] == "refunded"
    assert len(await refunds_at_stripe(harness, started)) == 2
    await harness.later(minutes=2)
    await harness.quiet()
    assert [e["kind"] for e in await entries(harness)] == ["refund_failed"], "failed again"


async def test_nothing_is_refunded_while_the_payment_is_disputed(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.REFUND_FAILS)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    await harness.later(minutes=2)
    await harness.quiet()
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    entry = next(e for e in await entries(harness) if e["kind"] == "refund_failed")
    answer = await act(harness, entry)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    assert len(await refunds_at_stripe(harness, started)) == 1


async def test_an_inquiry_is_ended_by_giving_the_rest_back(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute", inquiry=True)
    await harness.quiet()
    (entry,) = await entries(harness)
    await done(harness, entry)
    assert await entries(harness) == []
    assert [d.state for d in (await check_books(harness)).disputes] == ["closed"]


async def test_asking_stripe_about_a_dispute_closes_it_when_it_is_over(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    dispute = await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    (entry,) = await entries(harness)
    assert (await done(harness, entry))["closed_at"] is None, "it is still open"
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"disputes/{dispute['dispute']['id']}/close", outcome="won")
    assert (await done(harness, entry))["resolution"] == "gone"


async def test_stripe_silent_is_told_and_the_entry_stays(harness: Harness, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.02)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.02)
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    (entry,) = await entries(harness)
    await harness.control("faults", count=3, kind="500", method="GET")
    answer = await act(harness, entry)
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
    assert len(await entries(harness)) == 1


async def test_money_of_nobody_is_given_back_and_the_entry_closes_itself(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    (ours,) = (await read_books(harness)).attempts
    mark = await harness.mark(booking_id="bkg_nobody", attempt="1")
    params = ours.params | {"metadata": mark, "payment_intent_data": {"metadata": mark}}
    page = await harness.services.context.gateway.create_session(params, f"lost-{ours.id}")
    await harness.control(f"sessions/{page.id}/pay", card=cards.VISA)
    await harness.quiet()
    (entry,) = await entries(harness)
    assert (entry["kind"], entry["booking_id"]) == ("paid_without_booking", None)
    for _ in range(2):
        assert (await act(harness, entry)).status_code == 200
    await harness.worker_round()
    assert [e["resolution"] for e in await entries(harness, "closed")] == ["gone"]
    payment = (await ask_stripe(harness, f"checkout/sessions/{page.id}"))["payment_intent"]
    refunds = (await ask_stripe(harness, "refunds", payment_intent=payment))["data"]
    assert [r["amount"] for r in refunds] == [4500]
    assert await harness.status_of(started) == "pending"


async def test_a_promise_that_was_given_up_is_tried_again(sqlite_harness: Harness, monkeypatch):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    sender = harness.services.outbox._sender

    async def refuses(_mail, *, key):
        raise MailNotSent(f"not {key[:4]}", permanent=True)

    with monkeypatch.context() as patch:
        patch.setattr(sender, "send", refuses)
        await harness.confirmed(sam, await harness.course(price=eur(0)))
        await harness.worker_round()
        (entry,) = await entries(harness)
        assert (entry["kind"], entry["action"]) == ("promise_not_kept", "try_again")
        assert (await done(harness, entry))["closed_at"] is None
        assert len(await entries(harness)) == 1, "the action failed, so the entry stays, once"
        harness.clock.advance(timedelta(minutes=1))
    assert (await done(harness, entry))["resolution"] == "gone"
    assert len(await harness.mails(sam)) == 1


async def test_the_action_is_bound_to_the_sum_that_was_shown(sqlite_harness: Harness):
    """Part of the money is refunded in the dashboard between reading and clicking."""
    harness = sqlite_harness
    started = await paid_otherwise(harness, amount_total=9900)
    (entry,) = await entries(harness)
    shown = (await harness.get(f"{INBOX}/{entry['id']}", OPERATOR)).json()
    assert shown["expect"]["amount"] > 0
    path = f"{INBOX}/{entry['id']}/act"
    other = {**shown["expect"], "amount": shown["expect"]["amount"] - 100}
    refused = await harness.post(path, OPERATOR, json={"action": "refund", "expect": other})
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")
    assert (await read_books(harness)).refunds == []
    said = {"action": "refund", "expect": shown["expect"]}
    assert (await harness.post(path, OPERATOR, json=said)).status_code == 200
    (refund,) = (await read_books(harness)).refunds
    assert refund.amount == shown["expect"]["amount"]
    assert refund.booking_id == started.booking_id


async def test_an_entry_alone_says_whom_it_is_about_and_what_would_go_back(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await outside(harness, 500)
    (entry,) = await entries(harness)
    shown = (await harness.get(f"{INBOX}/{entry['id']}", OPERATOR)).json()
    assert shown["expect"] is None  # "accept" moves no money
    assert shown["student"]
    assert shown["course"].startswith("Course ")
    assert shown["detail"].startswith("€5.00 went back")
    assert started.booking_id == shown["booking_id"]


@pytest.mark.parametrize(
    "expect", [{}, {"amount": "1", "currency": "eur"}, {"amount": -1, "currency": "eur"}, 5]
)
async def test_an_amount_of_another_form_is_refused(sqlite_harness: Harness, expect: Any):
    await outside(sqlite_harness, 500)
    (entry,) = await entries(sqlite_harness)
    said = {"action": "accept", "expect": expect}
    answer = await sqlite_harness.post(f"{INBOX}/{entry['id']}/act", OPERATOR, json=said)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
