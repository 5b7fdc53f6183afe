"""Which checkout URLs we redirect people to."""

import pytest

from coursebook.payments.checkout_url import CheckoutHosts

REAL = CheckoutHosts()
OWN_HOST = CheckoutHosts(own_host="pay.example.org")
SANDBOX = CheckoutHosts(api="http://127.0.0.1:3001")
STRIPES = "https://checkout.stripe.com/c/pay/cs_live_a1B2#fidkdWxOYHwnPyd1blpxYHZxWjA0"


@pytest.mark.parametrize(
    ("pages", "url"),
    [
        (REAL, STRIPES),
        (REAL, "https://checkout.stripe.com:443/c/pay/cs_1"),
        (OWN_HOST, STRIPES),
        (OWN_HOST, "https://pay.example.org/c/pay/cs_1"),
        (SANDBOX, "http://localhost:3001/pay/cs_test_1"),
        (CheckoutHosts(api="http://127.0.0.1:8080"), STRIPES),
    ],
)
def test_a_stripe_checkout_url_is_accepted(pages: CheckoutHosts, url: str):
    assert pages.allows(url)


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
def test_every_other_url_is_refused(url: str):
    assert [pages for pages in (REAL, OWN_HOST, SANDBOX) if pages.allows(url)] == []


def test_a_local_url_is_accepted_only_with_a_local_stripe_api():
    page = "http://localhost:3001/pay/cs_test_1"
    for api in ("", "https://api.stripe.com", "http://127.0.0.1:3000", "http://10.0.0.1:3001"):
        assert not CheckoutHosts(api=api).allows(page)
    assert not REAL.allows("https://pay.example.org/c/pay/cs_1")
