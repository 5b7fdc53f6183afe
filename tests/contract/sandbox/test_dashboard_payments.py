"""Payments on the dashboard: their details, and the buttons that change them."""

import re

import httpx
import pytest

from tests.contract.sandbox.conftest import session_params
from tests.contract.sandbox.dashboard_reader import DashboardReader, text_of
from tests.support import cards

PARTLY = "Partly refunded"


@pytest.fixture(scope="module")
def dashboard(running):
    reader = DashboardReader(running)
    yield reader
    reader.http.close()


@pytest.fixture
def paid(sandbox, open_session):
    """A session that was paid with Visa: €45.00."""
    key = open_session().id
    sandbox.pay(key, email="sam@example.test")
    return key


@pytest.fixture(scope="module")
def untouched(running, session_client):
    """A paid session that no test changes."""
    key = session_client.v1.checkout.sessions.create(session_params()).id
    running.pay(key, email="sam@example.test")
    return key


def seen_of(page):
    return re.search(r'name="seen" value="(\d+)"', page)[1]


def refund(dashboard, key, amount=""):
    seen = seen_of(dashboard.http.get(f"/payments/{key}").text)
    return dashboard.send(f"/payments/{key}/refund", amount=amount, seen=seen)


def retrieved(client, key):
    expand = {"expand": ["payment_intent.latest_charge"]}
    return client.v1.checkout.sessions.retrieve(key, expand).payment_intent.latest_charge


def test_a_payment_shows_all_that_belongs_to_it(dashboard, client, untouched):
    charge = retrieved(client, untouched)
    shown = dashboard.text(f"/payments/{untouched}")
    expected = (
        *("Bread for beginners", "€45.00", "Paid", "Visa •••• 4242", "sam@example.test"),
        *(untouched, charge.payment_intent, charge.id, "booking_id b1", "UTC"),
    )
    for part in expected:
        assert part in shown
    assert "_line_items" not in shown


def test_the_timeline_tells_what_happened_in_order(dashboard, sandbox, open_session):
    key = open_session().id
    sandbox.pay(key, cards.INSUFFICIENT_FUNDS)
    sandbox.pay(key)
    shown = dashboard.text(f"/payments/{key}").split("What happened")[1]
    types = re.findall(r"(?:charge|payment_intent|checkout\.session)\.\w+", shown)
    assert types[:5] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_decline_is_shown_with_its_reason(dashboard, sandbox, open_session):
    key = open_session().id
    sandbox.pay(key, cards.INSUFFICIENT_FUNDS)
    shown = dashboard.text(f"/payments/{key}")
    assert "Declined, can be tried again" in shown
    assert "Failed Your card has insufficient funds." in shown


def test_the_list_names_each_payment_and_how_it_stands(dashboard, paid):
    shown = dashboard.text("/payments?status=complete")
    assert "Bread for beginners €45.00 Paid sam@example.test Visa •••• 4242" in shown


@pytest.mark.parametrize(
    ("status", "word"), [("open", "Waiting for payment"), ("expired", "Expired")]
)
def test_the_list_can_be_cut_to_one_status(dashboard, client, open_session, status, word):
    key = open_session().id
    if status == "expired":
        client.v1.checkout.sessions.expire(key)
    page = dashboard.http.get(f"/payments?status={status}").text
    assert f"/payments/{key}" in page
    assert word in page
    other = {"open": "expired", "expired": "open"}[status]
    assert f"/payments/{key}" not in dashboard.http.get(f"/payments?status={other}").text


def test_refund_without_an_amount_gives_everything_back(dashboard, client, paid):
    page = text_of(refund(dashboard, paid).text)
    assert "Refund made. A webhook tells the product." in page
    assert "Refunded" in page
    assert "Nothing is left to give back." in page
    assert retrieved(client, paid).amount_refunded == 4500


@pytest.mark.parametrize(("typed", "amount"), [("12.50", 1250), ("12,5", 1250), (" 7 ", 700)])
def test_refund_of_a_part(dashboard, client, paid, typed, amount):
    page = text_of(refund(dashboard, paid, typed).text)
    assert PARTLY in page
    assert retrieved(client, paid).amount_refunded == amount


@pytest.mark.parametrize(
    "typed", ["45.01", "0", "-1", "1.234", "abc", "1e3", "\u0661", "9" * 20, "."]
)
def test_an_amount_that_cannot_be_given_back_changes_nothing(dashboard, client, untouched, typed):
    answer = refund(dashboard, untouched, typed)
    assert answer.status_code == httpx.codes.OK
    assert 'role="alert"' in answer.text
    assert retrieved(client, untouched).amount_refunded == 0


def test_a_form_that_is_sent_twice_refunds_once(dashboard, client, paid):
    seen = seen_of(dashboard.http.get(f"/payments/{paid}").text)
    for _ in range(2):
        answer = dashboard.send(f"/payments/{paid}/refund", amount="5", seen=seen)
    assert "Something has changed since this page was opened." in text_of(answer.text)
    assert retrieved(client, paid).amount_refunded == 500


def test_what_nobody_has_paid_cannot_be_refunded_or_disputed(dashboard, open_session):
    key = open_session().id
    for what in ("refund", "dispute"):
        assert "Nothing was paid here" in text_of(dashboard.send(f"/payments/{key}/{what}").text)


def test_yen_have_no_decimals(dashboard, client, sandbox, open_session):
    key = open_session(4500, "jpy").id
    sandbox.pay(key)
    assert "for example 1250" in text_of(refund(dashboard, key, "10.5").text)
    refund(dashboard, key, "1000")
    assert retrieved(client, key).amount_refunded == 1000


def test_a_refund_can_be_made_to_fail(dashboard, client, paid):
    refund(dashboard, paid)
    new_refund = client.v1.refunds.list(
        {"payment_intent": retrieved(client, paid).payment_intent}
    ).data[0]
    assert new_refund.id in dashboard.text("/refunds")
    page = text_of(dashboard.send(f"/refunds/{new_refund.id}/fail").text)
    assert "Refund failed." in page
    assert client.v1.refunds.retrieve(new_refund.id).status == "failed"
    again = text_of(dashboard.send(f"/refunds/{new_refund.id}/fail").text)
    assert "A refund that is failed cannot fail." in again


@pytest.mark.parametrize(("outcome", "stands"), [("won", "Paid"), ("lost", "Lost in a dispute")])
def test_a_dispute_is_opened_and_closed(dashboard, client, paid, outcome, stands):
    opened = text_of(dashboard.send(f"/payments/{paid}/dispute", kind="dispute").text)
    assert "Dispute opened." in opened
    assert "€45.00 Disputed" in opened
    intent = retrieved(client, paid).payment_intent
    dispute = client.v1.disputes.list({"payment_intent": intent}).data[0]
    assert dispute.status == "needs_response"
    assert dispute.id in dashboard.text("/disputes")
    assert "Amount to give back" not in opened
    assert "The payment is disputed" in opened
    closed = text_of(dashboard.send(f"/disputes/{dispute.id}/close", outcome=outcome).text)
    assert f"€45.00 {stands}" in closed
    assert client.v1.disputes.retrieve(dispute.id).status == outcome
    again = dashboard.send(f"/disputes/{dispute.id}/close", outcome=outcome)
    assert "already closed" in text_of(again.text)


def test_a_second_dispute_about_the_same_money_is_refused(dashboard, paid):
    for _ in range(2):
        answer = dashboard.send(f"/payments/{paid}/dispute", kind="dispute")
    assert 'role="alert"' in answer.text


def test_an_inquiry_is_closed_or_becomes_a_dispute(dashboard, client, paid):
    intent = retrieved(client, paid).payment_intent
    assert "under inquiry" in text_of(
        dashboard.send(f"/payments/{paid}/dispute", kind="inquiry").text
    )
    first = client.v1.disputes.list({"payment_intent": intent}).data[0].id
    dashboard.send(f"/disputes/{first}/close", outcome="lost")
    assert client.v1.disputes.retrieve(first).status == "warning_closed"
    dashboard.send(f"/payments/{paid}/dispute", kind="inquiry")
    second = client.v1.disputes.list({"payment_intent": intent}).data[0].id
    page = text_of(dashboard.send(f"/disputes/{second}/escalate").text)
    assert "The inquiry is now a dispute." in page
    assert client.v1.disputes.retrieve(second).status == "needs_response"


@pytest.mark.parametrize("outcome", ["", "drawn"])
def test_a_dispute_ends_as_won_or_lost_only(dashboard, client, paid, outcome):
    dashboard.send(f"/payments/{paid}/dispute", kind="dispute")
    intent = retrieved(client, paid).payment_intent
    dispute = client.v1.disputes.list({"payment_intent": intent}).data[0].id
    answer = dashboard.send(f"/disputes/{dispute}/close", outcome=outcome)
    assert "Choose how the dispute ends." in text_of(answer.text)


@pytest.mark.parametrize(("outcome", "stands"), [("succeeded", "Paid"), ("failed", "Failed")])
def test_a_debit_on_its_way_comes_to_its_end_at_a_button(
    dashboard, sandbox, open_session, outcome, stands
):
    key = open_session().id
    sandbox.pay(key, cards.DEBIT_SUCCEEDS_LATER)
    shown = dashboard.text(f"/payments/{key}")
    assert "€45.00 Processing" in shown
    assert "Bank debit •••• 3003" in shown
    page = text_of(dashboard.send(f"/payments/{key}/settle", outcome=outcome).text)
    assert f"€45.00 {stands}" in page


@pytest.mark.parametrize(
    "path",
    [
        "/payments/none/refund",
        "/payments/none/dispute",
        "/payments/none/settle",
        "/refunds/none/fail",
        "/disputes/none/close",
        "/disputes/none/escalate",
        "/events/none/resend",
    ],
)
def test_a_button_for_what_is_not_there_is_answered_with_a_sentence(dashboard, path):
    answer = dashboard.send(path, seen="0", outcome="won")
    assert answer.status_code in (httpx.codes.OK, httpx.codes.NOT_FOUND)
    assert "No such" in text_of(answer.text)
