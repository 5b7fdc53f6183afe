"""Events and their deliveries: format, signature, retries, and the delivery modes."""

import pytest
import stripe

from tests.contract.sandbox.conftest import until
from tests.contract.sandbox.receiver import Receiver
from tests.contract.sandbox.stripe_oracle import CheckedClient
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_schema import check_response

DONE = "checkout.session.completed"


def times(receiver, key, kind=DONE):
    return receiver.of(key).count(kind)


def test_every_delivered_event_is_as_stripes_schema_says(open_session, sandbox, receiver):
    paid = sandbox.pay(open_session().id)["session"]
    receiver.wait(lambda r: len(r.of(paid["payment_intent"])) == 3)
    for event in receiver.events:
        assert not check_response("event", event)
        assert event["api_version"] == "2026-10-28.endive"
        assert event["pending_webhooks"] == 1


def test_an_event_can_be_read_again_and_listed_by_type(client, open_session, sandbox):
    payment = sandbox.pay(open_session().id)
    event = client.v1.events.retrieve(payment["event"])
    assert (event.type, event.data.object.id) == (DONE, payment["session"]["id"])
    assert event.request.to_dict() == {"id": None, "idempotency_key": None}
    kinds = {"types": [DONE, "charge.succeeded"], "limit": 2}
    listed = [each.type for each in client.v1.events.list(kinds).data]
    assert listed == [DONE, "charge.succeeded"]
    assert client.v1.events.list({"type": DONE}).data[0].id == event.id


def test_an_event_names_the_call_that_caused_it(client, open_session):
    session = open_session()
    options = {"idempotency_key": f"expire-{session.id}"}
    answer = client.v1.checkout.sessions.expire(session.id, {}, options)
    event = client.v1.events.list({"type": "checkout.session.expired"}).data[0]
    assert event.request.id == answer.last_response.request_id
    assert event.request.idempotency_key == options["idempotency_key"]


def test_an_answered_event_is_delivered_and_an_unanswered_one_is_not(
    client, open_session, sandbox, receiver
):
    session = open_session()
    receiver.answer(session.id, 500)
    sandbox.control("deliveries/mode", mode="hold")
    event = sandbox.pay(session.id)["event"]
    held = client.v1.events.list({"delivery_success": False, "type": DONE}).data
    assert event in [each.id for each in held]
    sandbox.control("deliveries/release")
    receiver.wait(lambda r: times(r, session.id) == 1)
    wait_for_state(sandbox, event, "delivered")
    assert client.v1.events.retrieve(event).pending_webhooks == 0
    events = client.v1.events.list({"delivery_success": True, "type": DONE}).data
    assert event in [each.id for each in events]


def wait_for_state(sandbox, event, state):
    until(lambda: delivery_of(sandbox, event)["state"] == state)


def delivery_of(sandbox, event):
    deliveries = sandbox.get("deliveries")["deliveries"]
    return next(each for each in deliveries if each["event"] == event)


def test_a_refused_delivery_is_tried_again_with_the_same_body_and_a_new_signature(
    open_session, sandbox, receiver
):
    session = open_session()
    receiver.answer(session.id, 500, 503)
    event = sandbox.pay(session.id)["event"]
    receiver.wait(lambda r: times(r, session.id) == 1)
    bodies = [body for body in receiver.bodies if event.encode() in body]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1
    wait_for_state(sandbox, event, "delivered")
    answers = delivery_of(sandbox, event)["answers"]
    assert [each["status"] for each in answers] == [500, 503, 200]
    assert answers[0]["at"] <= answers[-1]["at"]


def test_dropped_events_never_come_unless_they_are_released(open_session, sandbox, receiver):
    sandbox.control("deliveries/mode", mode="drop")
    dropped = sandbox.pay(open_session().id)["session"]
    sandbox.control("deliveries/mode", mode="normal")
    later = sandbox.pay(open_session().id)["session"]
    receiver.wait(lambda r: times(r, later["id"]) == 1)
    assert receiver.of(dropped["payment_intent"]) == []
    sandbox.control("deliveries/release")
    receiver.wait(lambda r: times(r, dropped["id"]) == 1)


def test_held_events_come_when_they_are_released(open_session, sandbox, receiver):
    sandbox.control("deliveries/mode", mode="hold")
    paid = sandbox.pay(open_session().id)
    held = paid["session"]
    assert receiver.of(held["payment_intent"]) == []
    assert sandbox.get("deliveries?list=no") == {"underway": True, "deliveries": []}
    sandbox.control("deliveries/release")
    receiver.wait(lambda r: len(r.of(held["payment_intent"])) == 3)
    until(lambda: not sandbox.get("deliveries?list=no")["underway"])
    assert delivery_of(sandbox, paid["event"])["state"] == "delivered"


def test_duplicated_events_come_twice_with_one_id(open_session, sandbox, receiver):
    sandbox.control("deliveries/mode", mode="duplicate")
    session = open_session()
    event = sandbox.pay(session.id)["event"]
    receiver.wait(lambda r: times(r, session.id) == 2)
    assert [each["id"] for each in receiver.events].count(event) == 2


def test_reordered_events_come_the_last_one_first(open_session, sandbox, receiver):
    sandbox.control("deliveries/mode", mode="reorder", delay_ms=200)
    paid = sandbox.pay(open_session().id)["session"]
    backwards = [DONE, "payment_intent.succeeded", "charge.succeeded"]
    receiver.wait(lambda r: r.of(paid["payment_intent"]) == backwards)


def test_delayed_events_come_later(open_session, sandbox, receiver):
    sandbox.control("deliveries/mode", mode="normal", delay_ms=300_000)
    session = open_session()
    sandbox.pay(session.id, wait=False)
    assert receiver.of(session.id) == []
    sandbox.control("clock/advance", seconds=301)
    receiver.wait(lambda r: times(r, session.id) == 1)


def test_delayed_events_come_at_once_when_they_are_released(open_session, sandbox, receiver):
    sandbox.control("deliveries/mode", mode="normal", delay_ms=300_000)
    session = open_session()
    sandbox.pay(session.id, wait=False)
    assert receiver.of(session.id) == []
    sandbox.control("deliveries/release")
    receiver.wait(lambda r: times(r, session.id) == 1)
    until(lambda: not sandbox.get("deliveries?list=no")["underway"])


def test_a_refused_event_waits_for_its_next_try_also_when_others_are_released(
    open_session, sandbox, receiver
):
    session = open_session()
    receiver.answer(session.id, *[500] * 4)
    event = sandbox.pay(session.id)["event"]
    receiver.wait(lambda r: len([body for body in r.bodies if event.encode() in body]) == 4)
    until(lambda: len(delivery_of(sandbox, event)["answers"]) == 4)
    planned = delivery_of(sandbox, event)["next_at"]
    sandbox.control("deliveries/release")
    assert delivery_of(sandbox, event)["next_at"] == planned
    wait_for_state(sandbox, event, "delivered")


def test_an_event_can_be_sent_again(open_session, sandbox, receiver):
    session = open_session()
    event = sandbox.pay(session.id)["event"]
    sandbox.control("events/resend", id=event)
    receiver.wait(lambda r: times(r, session.id) == 2)


def test_another_application_can_be_paid(client, sandbox, receiver):
    result = sandbox.control("events/foreign")
    key = result["session"]["id"]
    receiver.wait(lambda r: times(r, key) == 1)
    assert client.v1.checkout.sessions.retrieve(key).metadata.to_dict() == {"app": "another-shop"}
    marked = sandbox.control("events/foreign", metadata={"app": "coursebook", "booking_id": "b9"})
    assert marked["session"]["metadata"]["booking_id"] == "b9"


def test_what_stripe_says_can_be_tampered_with(client, open_session, sandbox, receiver):
    session = open_session()
    said = {"amount_total": 1, "currency": "usd", "livemode": True}
    sandbox.control(f"sessions/{session.id}/tamper", **said)
    fetched_session = client.v1.checkout.sessions.retrieve(session.id)
    assert (fetched_session.amount_total, fetched_session.currency, fetched_session.livemode) == (
        1,
        "usd",
        True,
    )
    sandbox.pay(session.id)
    receiver.wait(lambda r: times(r, session.id) == 1)
    assert next(e for e in receiver.events if session.id == e["data"]["object"]["id"])["livemode"]


def test_while_a_secret_is_rolled_each_body_is_signed_with_both(oracle):
    with (
        Receiver("whsec_new") as new,
        SandboxProcess(webhook_url=new.url, webhook_secret="whsec_old,whsec_new") as sandbox,
    ):
        result = sandbox.control("events/foreign")
        new.wait(lambda r: times(r, result["session"]["id"]) == 1)
        header, body = new.headers[-1], new.bodies[-1].decode()
        assert header.count("v1=") == 2
        for secret in ("whsec_old", "whsec_new"):
            assert stripe.WebhookSignature.verify_header(body, header, secret, tolerance=300)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(body, header, "whsec_other", tolerance=300)
    assert new.refused == []


def test_a_restart_keeps_sessions_clock_and_what_was_not_answered(oracle, tmp_path):
    with Receiver("whsec_of_the_tests") as receiver:
        sandbox = SandboxProcess(webhook_url=receiver.url, data=tmp_path).start()
        sandbox.control("deliveries/mode", mode="hold")
        sandbox.control("clock/advance", seconds=1000)
        key = sandbox.control("events/foreign")["session"]["id"]
        sandbox.end()
        assert receiver.events == []
        sandbox.start()
        receiver.wait(lambda r: times(r, key) == 1)
        http = CheckedClient(oracle)
        client = stripe.StripeClient(
            sandbox.secret_key, base_addresses={"api": sandbox.api_base}, http_client=http
        )
        assert client.v1.checkout.sessions.retrieve(key).status == "complete"
        assert sandbox.control("clock/advance", seconds=0)["offset"] == 1000
        http.close()
        sandbox.stop()


def test_forgetting_leaves_the_endpoint_and_sends_nothing_of_before(
    client, open_session, sandbox, receiver
):
    sandbox.control("deliveries/mode", mode="hold")
    forgotten = sandbox.pay(open_session().id)["session"]
    sandbox.control("faults", count=9, kind="500")
    assert sandbox.control("forget") == {}
    assert sandbox.get("deliveries") == {"underway": False, "deliveries": []}
    assert [client.v1.events.list().data, client.v1.checkout.sessions.list().data] == [[], []]
    assert [each.amount for each in client.v1.balance.retrieve().available] == [0]
    paid = sandbox.pay(open_session().id)["session"]
    receiver.wait(lambda r: len(r.of(paid["payment_intent"])) == 3)
    assert times(receiver, forgotten["id"]) == 0
