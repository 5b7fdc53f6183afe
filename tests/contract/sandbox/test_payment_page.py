"""The hosted payment page in a browser without JavaScript."""

from urllib.parse import urlsplit

import pytest
import stripe

from tests.support import cards

GOOD = {
    "email": "sam@example.test",
    "number": cards.spaced(cards.VISA),
    "expiry": "12 / 40",
    "cvc": "123",
}


@pytest.fixture
def path(open_session):
    """The path of a new payment page."""
    return urlsplit(open_session(customer_email="sam@example.test").url).path


def test_the_page_shows_what_is_paid_and_for_how_long(browser, path):
    page = browser.get(path)
    assert page.status_code == 200
    for words in (
        "Bread for beginners",
        "Pay €45.00",
        "Test payments: no money moves",
        "Time left to pay: 31 minutes",
        'value="sam@example.test"',
        ">Back</button>",
        cards.spaced(cards.INSUFFICIENT_FUNDS),
    ):
        assert words in page.text
    for label in ("Card number", "Expiry", "CVC", "Email"):
        assert f">{label}</label>" in page.text
    assert "stripe" not in page.text.lower()
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_paying_leads_back_with_the_session_id_once_the_webhook_was_answered(
    browser, path, receiver
):
    key = path.rsplit("/", 1)[1]
    answer = browser.post(path, data=GOOD)
    assert answer.status_code == 303
    there = f"http://localhost:3000/payment/success?session_id={key}"
    assert answer.headers["location"] == there
    assert receiver.of(key) == ["checkout.session.completed"]


def test_the_page_leads_back_also_when_the_webhook_fails(browser, path, receiver):
    key = path.rsplit("/", 1)[1]
    receiver.answer(key, 500)
    assert browser.post(path, data=GOOD).status_code == 303
    receiver.wait(lambda r: r.of(key) == ["checkout.session.completed"])


def test_a_declined_card_is_told_on_the_page_and_another_one_pays(browser, path):
    page = browser.post(path, data={**GOOD, "number": cards.INSUFFICIENT_FUNDS})
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert "Your card has insufficient funds." in page.text
    assert "9995" not in page.text.split("Numbers you can use")[0]
    assert browser.post(path, data=GOOD).status_code == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": cards.spaced(cards.WRONG_CHECKSUM)}, "Your card number is invalid."),
        ({"number": ""}, "Your card number is invalid."),
        ({"number": cards.spaced(cards.UNSUPPORTED)}, "Only the test numbers on this page"),
        ({"number": cards.spaced(cards.DEBIT_WRONG_CHECKSUM)}, "Your card number is invalid."),
        ({"expiry": "13/40"}, "expiration month is invalid."),
        ({"expiry": "12/20"}, "expiration date is in the past."),
        ({"expiry": "soon"}, "write it as MM / YY."),
        ({"cvc": "12"}, "security code is incomplete."),
        ({"cvc": "1234"}, "security code is incomplete."),
        ({"email": "nobody"}, "Please enter an email address"),
    ],
)
def test_a_mistake_is_shown_at_its_field_and_nothing_is_paid(browser, client, path, change, words):
    page = browser.post(path, data={**GOOD, **change})
    field = next(iter(change))
    assert words in page.text.replace("&#39;", "'")
    assert f'aria-describedby="{field}-wrong"' in page.text
    assert "4111" not in page.text
    session = client.v1.checkout.sessions.retrieve(path.rsplit("/", 1)[1])
    assert (session.status, session.payment_intent) == ("open", None)


def test_a_card_number_is_stored_nowhere(browser, path, sandbox):
    browser.post(path, data={**GOOD, "number": cards.spaced(cards.MASTERCARD)})
    browser.post(path, data={**GOOD, "number": cards.UNSUPPORTED})
    kept = b"".join(file.read_bytes() for file in sandbox.data.iterdir())
    for number in (cards.MASTERCARD, cards.spaced(cards.MASTERCARD), cards.UNSUPPORTED):
        assert number.encode() not in kept


def test_a_challenge_is_a_page_of_its_own(browser, path):
    asked = browser.post(path, data={**GOOD, "number": cards.spaced(cards.AUTHENTICATION)})
    assert asked.headers["location"] == f"{path}/challenge"
    page = browser.get(f"{path}/challenge")
    assert "Complete authentication" in page.text
    failed = browser.post(f"{path}/challenge", data={"answer": "fail"})
    assert "unable to authenticate" in failed.text
    assert 'value="sam@example.test"' in failed.text
    browser.post(path, data={**GOOD, "number": cards.spaced(cards.AUTHENTICATION)})
    passed = browser.post(f"{path}/challenge", data={"answer": "complete"})
    assert "session_id=cs_test" in passed.headers["location"]


def test_a_challenge_that_nobody_asked_for_leads_back_to_the_form(browser, path):
    assert browser.get(f"{path}/challenge").headers["location"] == path
    assert browser.post(f"{path}/challenge").headers["location"] == path


def test_going_back_leaves_the_session_open(browser, path, client):
    answer = browser.post(f"{path}/back")
    assert answer.headers["location"] == "http://localhost:3000/payment/cancel?booking_id=b1"
    assert client.v1.checkout.sessions.retrieve(path.rsplit("/", 1)[1]).status == "open"


def test_a_page_sent_twice_pays_once(browser, path, client):
    first, again = (browser.post(path, data=GOOD) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    session = client.v1.checkout.sessions.retrieve(path.rsplit("/", 1)[1])
    assert len(client.v1.charges.list({"payment_intent": session.payment_intent}).data) == 1


def test_a_paid_page_says_so(browser, path):
    browser.post(path, data=GOOD)
    page = browser.get(path)
    assert page.status_code == 200
    assert "This payment is complete" in page.text
    assert "/payment/success?session_id=cs_test" in page.text


def test_an_expired_page_says_so_and_takes_no_payment(browser, path, sandbox, client):
    sandbox.control("clock/advance", seconds=32 * 60)
    for page in (browser.get(path), browser.post(path, data=GOOD)):
        assert "This payment page has expired" in page.text
        assert "/payment/cancel?booking_id=b1" in page.text
    session = client.v1.checkout.sessions.retrieve(path.rsplit("/", 1)[1])
    assert (session.status, session.payment_status) == ("expired", "unpaid")


def test_an_unknown_page_is_not_found(browser):
    assert browser.get("/c/pay/cs_nobody").status_code == 404
    assert browser.post("/c/pay/cs_nobody", data=GOOD).status_code == 404
    assert browser.get("/receipts/ch_nobody").status_code == 404


def test_nothing_to_pay_asks_for_no_card(browser, open_session):
    path = urlsplit(open_session(amount=0).url).path
    assert "Card number" not in browser.get(path).text
    assert browser.post(path, data={"email": "sam@example.test"}).status_code == 303


def test_a_bank_account_is_taken_only_where_it_is_offered(browser, open_session):
    bank = {"email": "sam@example.test", "number": cards.spaced(cards.DEBIT_SUCCEEDS)}
    cards_only = urlsplit(open_session(allowed_payment_method_types=["card"]).url).path
    assert "Bank accounts are not offered" in browser.post(cards_only, data=bank).text
    both = urlsplit(open_session().url).path
    assert browser.post(both, data=bank).status_code == 303


def test_words_of_the_shop_are_shown_as_they_are(browser, open_session):
    price = {"currency": "eur", "unit_amount": 4500, "product_data": {"name": "<b>Knots & rope"}}
    session = open_session(line_items=[{"quantity": 2, "price_data": price}])
    page = browser.get(urlsplit(session.url).path)
    assert "&lt;b&gt;Knots &amp; rope" in page.text
    assert "Pay €90.00" in page.text


def test_a_payment_has_a_receipt(browser, path, client):
    browser.post(path, data=GOOD)
    session = client.v1.checkout.sessions.retrieve(path.rsplit("/", 1)[1])
    options = {"expand": ["latest_charge"]}
    charge = client.v1.payment_intents.retrieve(session.payment_intent, options).latest_charge
    page = browser.get(urlsplit(charge.receipt_url).path)
    assert "€45.00" in page.text
    assert "4242" in page.text


def test_the_start_page_shows_what_has_been_going_on(browser, path):
    browser.post(path, data=GOOD)
    page = browser.get("/")
    for words in ("Bread for beginners", "checkout.session.completed", "/mailbox"):
        assert words in page.text


def test_the_sdk_is_told_where_the_page_is(path, client):
    session = client.v1.checkout.sessions.retrieve(path.rsplit("/", 1)[1])
    assert isinstance(session, stripe.checkout.Session)
    assert session.url.endswith(path)
