"""The canary that checks the log of every run: it must recognise each kind of secret."""

import pytest

from tests.support import cards
from tests.support.canary import secrets_in


@pytest.mark.parametrize(
    "said",
    [
        "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2ln",
        "key sk_test_4eC39HqLyjWDarjtT1",
        "key rk_live_4eC39HqLyjWDarjtT1",
        "whsec_7a1b2c3d",
        "t=1,v1=0123456789abcdef0123456789abcdef",
        f"card {cards.VISA} refused",
        f"card {cards.INSUFFICIENT_FUNDS}",
        "{'cookie': 'a=b'}",
        "Cookie: a=b",
        "__session=abc",
        "mail to sam@example.test",
        "mail to olga.operator@school.example.org",
        "the password of this run: hunter2",
    ],
)
def test_a_secret_in_a_log_is_found(said: str):
    log = f"one line\nevent {said}\nanother"
    assert secrets_in(log, known=("hunter2", "")) == [f"event {said}"]


@pytest.mark.parametrize(
    "said",
    [
        "eyJ*** sk_test_*** whsec_*** t=***",
        "cookie='***' {'cookie': '***'} __session=***",
        "mail to s***@example.test",
        f"Card        {cards.spaced(cards.VISA)}, any later expiry, any CVC",
        "booking=bkg_7f3k2m session=cs_test_a1B2 event_id=evt_1 request_id=req_0123456789abcdef",
        "postgresql://school:***@db/book react@19.3.1",
        "2026-11-23T21:45:11.123456Z 4242.42 s",
    ],
)
def test_diagnostic_values_are_not_reported(said: str):
    assert secrets_in(said) == []
