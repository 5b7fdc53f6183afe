"""Promotion codes on the payment page in a browser without JavaScript."""

import uuid
from urllib.parse import urlsplit

import pytest

from tests.support import cards

GOOD = {"email": "sam@example.test", "number": cards.VISA, "expiry": "12/40", "cvc": "123"}


@pytest.fixture
def code_of(client):
    """Create a coupon with a promotion code; return the code."""

    def made(rules=None, **coupon):
        found = client.v1.coupons.create({"duration": "once", **coupon})
        word = f"CODE-{uuid.uuid4().hex[:8]}"
        parameters = {"promotion": {"type": "coupon", "coupon": found.id}, "code": word}
        return client.v1.promotion_codes.create({**parameters, **(rules or {})})

    return made


@pytest.fixture
def session(open_session):
    return open_session(allow_promotion_codes=True)


@pytest.fixture
def path(session):
    return urlsplit(session.url).path


def test_the_field_is_there_only_where_codes_are_allowed(browser, path, open_session):
    assert ">Promotion code</label>" in browser.get(path).text
    assert "Promotion code" not in browser.get(urlsplit(open_session().url).path).text


def test_a_code_makes_it_cheaper_whatever_the_case_of_its_letters(
    client, browser, session, path, code_of
):
    code = code_of(percent_off=20)
    answer = browser.post(f"{path}/code", data={"code": f" {code.code.lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = browser.get(path).text
    assert "Pay €36.00" in page
    assert f"{code.code}:" in page
    assert "-€9.00" in page
    assert browser.post(path, data=GOOD).status_code == 303
    options = {"expand": ["payment_intent", "discounts.promotion_code"]}
    paid = client.v1.checkout.sessions.retrieve(session.id, options)
    assert (paid.amount_total, paid.payment_intent.amount_received) == (3600, 3600)
    assert paid.discounts[0].promotion_code.times_redeemed == 1


def test_a_code_can_be_taken_away_again(browser, path, code_of):
    browser.post(f"{path}/code", data={"code": code_of(percent_off=20).code})
    assert "Remove code" in browser.get(path).text
    browser.post(f"{path}/code", data={"code": ""})
    assert "Pay €45.00" in browser.get(path).text


def test_a_code_for_everything_asks_for_no_card(client, browser, session, path, code_of):
    browser.post(path, data={**GOOD, "number": cards.DECLINED})
    started = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    browser.post(f"{path}/code", data={"code": code_of(percent_off=100).code})
    assert "Card number" not in browser.get(path).text
    assert browser.post(path, data={"email": "sam@example.test"}).status_code == 303
    done = client.v1.checkout.sessions.retrieve(session.id)
    assert (done.payment_status, done.payment_intent) == ("no_payment_required", None)
    assert client.v1.payment_intents.retrieve(started).status == "canceled"


@pytest.mark.parametrize(
    ("coupon", "rules", "words"),
    [
        ({"amount_off": 500, "currency": "usd"}, {}, "for another currency"),
        ({"amount_off": 4480, "currency": "eur"}, {}, "€0.20 is left"),
        ({"percent_off": 5}, {"active": False}, "This code is invalid."),
        (
            {"percent_off": 5},
            {"restrictions": {"minimum_amount": 9000, "minimum_amount_currency": "eur"}},
            "for €90.00 and more",
        ),
    ],
)
def test_a_code_that_does_not_fit_says_why(*, browser, path, code_of, coupon, rules, words):
    page = browser.post(f"{path}/code", data={"code": code_of(rules, **coupon).code})
    assert page.status_code == 200
    assert words in page.text
    assert 'aria-describedby="code-wrong"' in page.text
    assert "Pay €45.00" in browser.get(path).text


def test_an_unknown_code_is_refused(browser, path):
    page = browser.post(f"{path}/code", data={"code": "NOBODYS"}).text
    assert "This code is invalid." in page
    assert 'value="NOBODYS"' in page


def test_a_code_ends_by_the_clock_and_by_its_number(client, browser, sandbox, path, code_of):
    now = sandbox.control("clock/advance", seconds=0)["now"]
    ending = code_of({"expires_at": int(now) + 60}, percent_off=10)
    sandbox.control("clock/advance", seconds=61)
    assert not client.v1.promotion_codes.retrieve(ending.id).active
    once = code_of({"max_redemptions": 1}, percent_off=10)
    browser.post(f"{path}/code", data={"code": once.code})
    browser.post(path, data=GOOD)
    assert not client.v1.promotion_codes.retrieve(once.id).active


def test_a_discount_of_the_shop_cannot_be_taken_away_by_the_buyer(client, browser, open_session):
    coupon = client.v1.coupons.create({"duration": "once", "percent_off": 50})
    path = urlsplit(open_session(discounts=[{"coupon": coupon.id}]).url).path
    browser.post(f"{path}/code", data={"code": ""})
    assert "Pay €22.50" in browser.get(path).text


def test_a_discount_is_spread_over_the_line_items_to_the_last_cent(client, open_session):
    coupon = client.v1.coupons.create({"duration": "once", "amount_off": 100, "currency": "eur"})
    price = {"currency": "eur", "unit_amount": 1000, "product_data": {"name": "Rope"}}
    rows = [{"quantity": 1, "price_data": price} for _ in range(3)]
    session = open_session(line_items=rows, discounts=[{"coupon": coupon.id}])
    items = client.v1.checkout.sessions.line_items.list(session.id, {"expand": ["data.discounts"]})
    assert [item.amount_discount for item in items.data] == [33, 33, 34]
    assert items.data[0].discounts[0].discount.source.coupon == coupon.id
