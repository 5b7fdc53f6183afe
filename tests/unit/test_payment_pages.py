"""Where people may be sent to pay."""

import pytest

from coursebook.payments.pages import PaymentPages

REAL = PaymentPages()
OWN_HOST = PaymentPages(own_host="pay.example.org")
SANDBOX = PaymentPages(sandbox="http://localhost:3001")
STRIPES = "https://checkout.stripe.com/c/pay/cs_live_a1B2#fidkdWxOYHwnPyd1blpxYHZxWjA0"


@pytest.mark.parametrize(
    ("pages", "url"),
    [
        (REAL, STRIPES),
        (REAL, "https://checkout.stripe.com:443/c/pay/cs_1"),
        (OWN_HOST, STRIPES),
        (OWN_HOST, "https://pay.example.org/c/pay/cs_1"),
        (SANDBOX, "http://localhost:3001/pay/cs_test_1"),
    ],
)
def test_a_payment_page_of_stripe_is_one(pages: PaymentPages, url: str):
    assert pages.has(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/pay",
        "//checkout.stripe.com/c/pay",
        "http://checkout.stripe.com/c/pay",
        "javascript:alert(1)//checkout.stripe.com",
        "https://stripe.com.evil.example/c/pay",
        "https://evilstripe.com/c/pay",
        "https://evil.example/checkout.stripe.com",
        "https://evil.example#.stripe.com",
        "https://evil.example?.stripe.com",
        "https://evil.example\\.stripe.com/",
        "https://checkout.stripe.com@evil.example/",
        "https://evil.example@checkout.stripe.com/",
        "https://checkout.stripe.com:8443/",
        "https://checkout.stripe.com:port/",
        "https://[checkout.stripe.com/",
        "https://checkout.stripe.com\n.evil.example/",
        "https://checkout.stripe.com /",
        "https://checkout.\u0455tripe.com/",
        "https://pay.example.org.evil.example/",
        "http://localhost:3001.evil.example/",
        "http://localhost:30011/",
        "https://localhost:3001/pay",
    ],
)
def test_every_other_address_is_not(url: str):
    assert [pages for pages in (REAL, OWN_HOST, SANDBOX) if pages.has(url)] == []


def test_beside_the_sandbox_stripe_s_own_page_is_strange_and_the_other_way_round():
    assert not SANDBOX.has(STRIPES)
    assert not REAL.has("http://localhost:3001/pay/cs_test_1")
    assert not REAL.has("https://pay.example.org/c/pay/cs_1")
