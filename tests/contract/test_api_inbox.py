"""The money inbox over HTTP: who sees it, what it says, the one safe thing, and when it is over."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.mail.smtp import MailNotSent
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import OPERATOR, Started, World, eur
from tests.support.stripe_objects import ask_stripe, charge_of, deliver, event_of, refunds_at_stripe

INBOX = "/api/manage/inbox"


async def entries(world: World, state: str = "open") -> list[dict[str, Any]]:
    answer = await world.get(INBOX, OPERATOR, params={"state": state, "limit": 100})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def act(world: World, entry: dict[str, Any], **more: Any):
    path, said = f"{INBOX}/{entry['id']}/act", {"action": entry["action"]}
    return await world.post(path, OPERATOR, json=said, **more)


async def done(world: World, entry: dict[str, Any]) -> dict[str, Any]:
    """Act on an entry, let the worker come round, and return it as it is then."""
    answer = await act(world, entry)
    assert answer.status_code == 200, answer.text
    await world.worker_round()
    await world.quiet()
    return dict((await world.get(f"{INBOX}/{entry['id']}", OPERATOR)).json())


async def paid_otherwise(world: World, **lie: Any) -> Started:
    """Return a checkout that was paid, while Stripe says something else than we asked for."""
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    await world.control(f"sessions/{started.session_id}/tamper", **lie)
    await deliver(world, await event_of(world, started, "checkout.session.completed"))
    return started


async def outside(world: World, amount: int) -> Started:
    """Return a confirmed booking of which somebody gave money back in Stripe's dashboard."""
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control(f"charges/{await charge_of(world, started)}/refund", amount=amount)
    await world.quiet()
    return started


async def test_a_healthy_system_shows_it_empty(sqlite_world: World):
    world, sam = sqlite_world, sqlite_world.student("sam")
    paid = await world.confirmed(sam, await world.course())
    await world.post(f"/api/bookings/{paid.booking_id}/cancel", sam)
    await world.worker_round()
    answer = await world.get(INBOX, OPERATOR)
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_only_an_operator_sees_and_does_anything(sqlite_world: World):
    world = sqlite_world
    await outside(world, 500)
    (entry,) = await entries(world)
    sam, path = world.student("sam"), f"{INBOX}/{entry['id']}"
    for method, more, body in (
        ("GET", "", None),
        ("POST", "/act", {"action": "accept"}),
        ("POST", "/resolve", {"note": "x"}),
    ):
        answer = await world.call(method, path + more, sam, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await world.get(INBOX, sam)).status_code == 403
    assert [e["id"] for e in await entries(world)] == [entry["id"]]


async def test_an_entry_says_cause_amount_booking_money_and_one_action(sqlite_world: World):
    started = await outside(sqlite_world, 500)
    (entry,) = await entries(sqlite_world)
    assert (entry["kind"], entry["action"]) == ("refund_from_outside", "accept")
    assert entry["amount"] == {"amount": 500, "currency": "eur"}
    assert entry["booking_id"] == started.booking_id
    assert "dashboard" in entry["cause"]
    assert "still has the place" in entry["money"]


async def test_accepting_closes_once_with_actor_and_request_in_the_trail(sqlite_world: World):
    world = sqlite_world
    await outside(world, 500)
    (entry,) = await entries(world)
    answer = await act(world, entry, headers={"X-Request-Id": "req_of_olga_1"})
    closed = answer.json()
    assert (closed["resolution"], closed["action"]) == ("done", None)
    assert closed["closed_by"].startswith("operator user_")
    assert await entries(world) == []
    assert [e["id"] for e in await entries(world, "closed")] == [entry["id"]]
    again = await world.post(f"{INBOX}/{entry['id']}/act", OPERATOR, json={"action": "accept"})
    assert (again.status_code, again.json()["code"]) == (409, "not_actionable")
    row = [r for r in (await check_books(world)).audit if r.event == "inbox"][-1]
    assert (row.from_state, row.to_state, row.request_id) == ("open", "closed", "req_of_olga_1")
    assert row.actor == closed["closed_by"]


async def test_the_same_key_again_gets_the_first_answer(sqlite_world: World):
    world = sqlite_world
    await outside(world, 500)
    (entry,) = await entries(world)
    key = {"Idempotency-Key": "one-decision"}
    first, second = [await act(world, entry, headers=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["idempotent-replayed"] == "true"
    assert first.json() == second.json()


async def test_an_action_that_was_not_shown_is_refused(sqlite_world: World):
    await outside(sqlite_world, 500)
    (entry,) = await entries(sqlite_world)
    answer = await act(sqlite_world, {**entry, "action": "refund"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    assert len(await entries(sqlite_world)) == 1


async def test_what_was_done_by_hand_is_closed_with_a_note(sqlite_world: World):
    world = sqlite_world
    await outside(world, 500)
    (entry,) = await entries(world)
    path = f"{INBOX}/{entry['id']}/resolve"
    assert (await world.post(path, OPERATOR, json={"note": ""})).status_code == 422
    closed = (await world.post(path, OPERATOR, json={"note": "He called, he stays."})).json()
    assert (closed["resolution"], closed["note"]) == ("by_hand", "He called, he stays.")
    assert (await world.post(path, OPERATOR, json={"note": "x"})).status_code == 409
    causes = [r.cause for r in (await check_books(world)).audit if r.event == "inbox"]
    assert causes[-1] == "He called, he stays."


@pytest.mark.parametrize("name", ["inb_unknown", "%00", "x" * 400])
async def test_an_unknown_entry_is_not_found(sqlite_world: World, name: str):
    for method, more in (("GET", ""), ("POST", "/act"), ("POST", "/resolve")):
        body = {"action": "accept"} if more == "/act" else {"note": "x"}
        said = {"json": body} if more else {}
        answer = await sqlite_world.call(method, f"{INBOX}/{name}{more}", OPERATOR, **said)
        assert (answer.status_code, answer.json()["code"]) == (404, "inbox_entry_not_found")


async def test_walking_all_pages_meets_every_entry_once_oldest_first(world: World):
    for amount in (100, 200, 300):
        await outside(world, amount)
    met, cursor = [], None
    while True:
        wanted = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await world.get(INBOX, OPERATOR, params=wanted)).json()
        met += [e["amount"]["amount"] for e in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        crossed = await world.get(INBOX, OPERATOR, params={"state": "closed", "cursor": cursor})
        assert crossed.status_code == 422, "a cursor belongs to its list"
    assert met == [100, 200, 300]


@pytest.mark.parametrize("lie", [{"amount_total": 4400}, {"currency": "usd"}])
async def test_a_payment_that_differs_is_given_back_and_may_be_paid_anew(world: World, lie):
    started = await paid_otherwise(world, **lie)
    (entry,) = await entries(world)
    assert (entry["kind"], entry["action"]) == ("payment_differs", "refund")
    assert (await done(world, entry))["resolution"] == "done"
    (refund,) = await refunds_at_stripe(world, started)
    assert refund["amount"] == 4500, "all that was taken"
    await check_books(world)
    again = await world.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert again.status_code == 201, "nothing stands in the way any more"


async def test_a_payment_that_differs_and_went_back_in_the_dashboard_asks_nobody(world: World):
    started = await paid_otherwise(world, amount_total=4400)
    await world.control("deliveries/release")
    await world.control(f"charges/{await charge_of(world, started)}/refund")
    await world.quiet()
    assert await entries(world) == []
    assert [e["resolution"] for e in await entries(world, "closed")] == ["gone"]


async def test_a_failed_refund_is_made_again_once(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, cards.REFUND_FAILS)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.worker_round()
    await world.later(minutes=2)
    await world.quiet()
    (entry,) = await entries(world)
    assert (entry["kind"], entry["amount"]["amount"]) == ("refund_failed", 4500)
    assert (await done(world, entry))["resolution"] == "done"
    assert (await world.booking(started))["payment_status"] == "refunded"
    assert len(await refunds_at_stripe(world, started)) == 2
    await world.later(minutes=2)
    await world.quiet()
    assert [e["kind"] for e in await entries(world)] == ["refund_failed"], "failed again"


async def test_nothing_is_refunded_while_the_payment_is_disputed(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, cards.REFUND_FAILS)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.worker_round()
    await world.later(minutes=2)
    await world.quiet()
    await world.control(f"charges/{await charge_of(world, started)}/dispute")
    await world.quiet()
    entry = next(e for e in await entries(world) if e["kind"] == "refund_failed")
    answer = await act(world, entry)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    assert len(await refunds_at_stripe(world, started)) == 1


async def test_an_inquiry_is_ended_by_giving_the_rest_back(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control(f"charges/{await charge_of(world, started)}/dispute", inquiry=True)
    await world.quiet()
    (entry,) = await entries(world)
    await done(world, entry)
    assert await entries(world) == []
    assert [d.state for d in (await check_books(world)).disputes] == ["closed"]


async def test_asking_stripe_about_a_dispute_closes_it_when_it_is_over(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    made = await world.control(f"charges/{await charge_of(world, started)}/dispute")
    await world.quiet()
    (entry,) = await entries(world)
    assert (await done(world, entry))["closed_at"] is None, "it is still open"
    await world.control("deliveries/mode", mode="drop")
    await world.control(f"disputes/{made['dispute']['id']}/close", outcome="won")
    assert (await done(world, entry))["resolution"] == "gone"


async def test_stripe_silent_is_told_and_the_entry_stays(world: World, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.02)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.02)
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control(f"charges/{await charge_of(world, started)}/dispute")
    await world.quiet()
    (entry,) = await entries(world)
    await world.control("faults", count=3, kind="500", method="GET")
    answer = await act(world, entry)
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
    assert len(await entries(world)) == 1


async def test_money_of_nobody_is_given_back_and_the_entry_closes_itself(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    (ours,) = (await read_books(world)).attempts
    mark = await world.mark(booking_id="bkg_nobody", attempt="1")
    params = ours.params | {"metadata": mark, "payment_intent_data": {"metadata": mark}}
    page = await world.services.context.gateway.create_session(params, f"lost-{ours.id}")
    await world.control(f"sessions/{page.id}/pay", card=cards.VISA)
    await world.quiet()
    (entry,) = await entries(world)
    assert (entry["kind"], entry["booking_id"]) == ("paid_without_booking", None)
    for _ in range(2):
        assert (await act(world, entry)).status_code == 200
    await world.worker_round()
    assert [e["resolution"] for e in await entries(world, "closed")] == ["gone"]
    payment = (await ask_stripe(world, f"checkout/sessions/{page.id}"))["payment_intent"]
    refunds = (await ask_stripe(world, "refunds", payment_intent=payment))["data"]
    assert [r["amount"] for r in refunds] == [4500]
    assert await world.status_of(started) == "pending"


async def test_a_promise_that_was_given_up_is_tried_again(sqlite_world: World, monkeypatch):
    world, sam = sqlite_world, sqlite_world.student("sam")
    sender = world.services.outbox._sender

    async def refuses(_mail, *, key):
        raise MailNotSent(f"not {key[:4]}", permanent=True)

    with monkeypatch.context() as patch:
        patch.setattr(sender, "send", refuses)
        await world.confirmed(sam, await world.course(price=eur(0)))
        await world.worker_round()
        (entry,) = await entries(world)
        assert (entry["kind"], entry["action"]) == ("promise_not_kept", "try_again")
        assert (await done(world, entry))["closed_at"] is None
        assert len(await entries(world)) == 1, "in vain: it is still there, once"
        world.clock.advance(timedelta(minutes=1))
    assert (await done(world, entry))["resolution"] == "gone"
    assert len(await world.mails(sam)) == 1


async def test_the_action_is_bound_to_the_sum_that_was_shown(sqlite_world: World):
    """Between look and click some of the money goes back in the Dashboard."""
    world = sqlite_world
    started = await paid_otherwise(world, amount_total=9900)
    (entry,) = await entries(world)
    shown = (await world.get(f"{INBOX}/{entry['id']}", OPERATOR)).json()
    assert shown["expect"]["amount"] > 0
    path = f"{INBOX}/{entry['id']}/act"
    other = {**shown["expect"], "amount": shown["expect"]["amount"] - 100}
    refused = await world.post(path, OPERATOR, json={"action": "refund", "expect": other})
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")
    assert (await read_books(world)).refunds == []
    said = {"action": "refund", "expect": shown["expect"]}
    assert (await world.post(path, OPERATOR, json=said)).status_code == 200
    (refund,) = (await read_books(world)).refunds
    assert refund.amount == shown["expect"]["amount"]
    assert refund.booking_id == started.booking_id


async def test_an_entry_alone_says_whom_it_is_about_and_what_would_go_back(sqlite_world: World):
    world = sqlite_world
    started = await outside(world, 500)
    (entry,) = await entries(world)
    shown = (await world.get(f"{INBOX}/{entry['id']}", OPERATOR)).json()
    assert shown["expect"] is None  # «accept» moves no money
    assert shown["student"]
    assert shown["course"].startswith("Course ")
    assert shown["detail"].startswith("€5.00 went back")
    assert started.booking_id == shown["booking_id"]


@pytest.mark.parametrize(
    "expect", [{}, {"amount": "1", "currency": "eur"}, {"amount": -1, "currency": "eur"}, 5]
)
async def test_an_amount_of_another_form_is_refused(sqlite_world: World, expect: Any):
    await outside(sqlite_world, 500)
    (entry,) = await entries(sqlite_world)
    said = {"action": "accept", "expect": expect}
    answer = await sqlite_world.post(f"{INBOX}/{entry['id']}/act", OPERATOR, json=said)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
