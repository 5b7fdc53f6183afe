"""Masking of secrets in log lines, and request ids."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from coursebook.log import (
    current_request_id,
    get_logger,
    masked,
    request_id,
    sane_request_id,
    set_up_logging,
)

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.c2lnbmF0dXJl"
CANARIES = {
    "bearer": (f"Authorization: Bearer {JWT}", JWT),
    "jwt": (f"token was {JWT}", JWT),
    "broken jwt": ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOi", "eyJhbGciOiJSUzI1NiJ9"),
    "stripe key": ("key sk_test_51CANARY refused", "51CANARY"),
    "live key": ("rk_live_CANARY", "CANARY"),
    "webhook secret": ("whsec_CANARY", "CANARY"),
    "stripe signature": ("sent t=1700000000,v1=0123456789abcdef", "0123456789abcdef"),
    "cookie of reflex": ("{'cookie': '__client=CANARY; a=b', 'host': 'x'}", "CANARY"),
    "cookie header": ("Set-Cookie: __client=CANARY; HttpOnly", "CANARY"),
    "session cookie": ("got __session=CANARY; more", "CANARY"),
    "database password": ("postgresql://school:CANARY@db/book", "CANARY"),
    "address": ("mail to olga.operator@example.test bounced", "olga.operator"),
}


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root, handlers = logging.getLogger(), list(logging.getLogger().handlers)
    level, before = root.level, structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


def written(*, as_json: bool = True, **values: object) -> str:
    """Return the output of one line sent through each logging path."""
    with redirect_stderr(io.StringIO()) as page:
        set_up_logging(as_json=as_json)
        text = str(values.get("text", ""))
        get_logger("coursebook.test").warning(text, **values)
        logging.getLogger("other").warning("%s", text)
        logging.getLogger("other").error("broke", exc_info=ValueError(text))
    return page.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("name", CANARIES)
def test_no_secret_gets_into_any_line(name: str, as_json: bool):
    text, secret = CANARIES[name]
    page = written(as_json=as_json, text=text, nested={"list": [text, {"deep": text}]})
    assert secret not in page
    assert "***" in page


def test_a_secret_name_masks_any_value():
    page = written(
        authorization="CANARY",
        cookie="CANARY",
        secret_key="CANARY",
        headers={"Stripe-Signature": "CANARY", "host": "example.test"},
        session_token="CANARY",
    )
    assert "CANARY" not in page
    assert "example.test" in page


def test_an_address_keeps_its_first_letter_and_its_domain():
    assert masked("to sam@example.test!") == "to s***@example.test!"


def test_useful_ids_are_not_masked():
    for text in ("bkg_7f3k2m", "cs_test_a1B2", "evt_123", "req_5f0c2b7e9a1d4c83", "user_2abc"):
        assert masked(text) == text


@given(st.recursive(st.text() | st.integers() | st.none() | st.binary(), st.lists))
def test_masking_accepts_any_value(value: object):
    masked(value)


def test_a_line_is_one_json_object_with_the_id_of_its_request():
    with request_id("req_1234567890abcdef"):
        lines = [json.loads(line) for line in written(text="a\nb").splitlines()]
    assert len(lines) == 3
    assert {line["request_id"] for line in lines} == {"req_1234567890abcdef"}
    assert current_request_id() == ""


def test_only_safe_request_ids_are_accepted_from_a_caller():
    assert sane_request_id("caller-7f3e.1") == "caller-7f3e.1"
    for given_id in (None, "", "short", "x" * 65, "a b c d e f g", "ab\ncdefgh", "é" * 10):
        assert sane_request_id(given_id).startswith("req_")


def test_long_values_are_cut_and_a_trace_keeps_its_end(
    capsys: pytest.CaptureFixture[str],
):
    set_up_logging(as_json=True)
    logger, problem = logging.getLogger("coursebook.test"), ValueError("y" * 100_000 + " the end")
    logger.warning("x" * 100_000)
    logger.error("z", exc_info=problem)
    first, second = capsys.readouterr().err.splitlines()
    assert len(first) < 5000
    assert len(second) < 15_000
    assert "the end" in second


async def test_a_lock_lost_in_a_restart_of_redis_is_one_line_and_no_error():
    loop = asyncio.get_running_loop()
    with redirect_stderr(io.StringIO()) as page:
        set_up_logging(as_json=True)
        for message in ("Exception in Redis State Manager lease breaker", "Exception in a task"):
            loop.call_exception_handler({"message": message, "exception": ValueError("expired")})
    lost, other = (json.loads(line) for line in page.getvalue().splitlines())
    assert (lost["event"], lost["level"]) == ("tab_state.not_stored", "warning")
    assert "exception" not in lost
    assert (other["event"], other["level"]) == ("Exception in a task", "error")
    assert "ValueError: expired" in other["exception"]
