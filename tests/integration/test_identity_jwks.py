"""Keys fetched from the issuer: rotation, outages and the number of requests."""

import asyncio
import contextlib
import json

import pytest
from structlog.testing import capture_logs

from coursebook.errors import Unavailable
from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import KeyRing
from tests.support.tokens import ISSUER, PARTY, Forge

ONE, TWO = Forge("ins_one"), Forge("ins_two")


class Issuer:
    """A web server with a key set; `answer` is the status and body it gives."""

    def __init__(self, *forges):
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.serving = set()
        self.publish(*forges)

    def publish(self, *forges):
        self.answer = (200, json.dumps({"keys": [forge.jwk for forge in forges]}).encode())

    async def __aenter__(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/jwks"
        return self

    async def __aexit__(self, *_):
        await self.stop()

    async def was_asked(self, times):
        while self.asked < times:  # noqa: ASYNC110  a counter has no event
            await asyncio.sleep(0.001)

    async def stop(self):
        self.server.close()
        await self.server.wait_closed()
        self.may_answer.set()
        if self.serving:
            await asyncio.wait(self.serving)

    def _serve(self, reader, writer):
        task = asyncio.create_task(self._answer(reader, writer))
        self.serving.add(task)

    async def _answer(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        await self.may_answer.wait()
        with contextlib.suppress(ConnectionError):
            await self._write(writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _write(self, writer):
        status, body = self.answer
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()


class Watch:
    """A clock that only the test advances."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def issuer():
    async with Issuer(ONE) as running:
        yield running


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def verifier(issuer, watch):
    return Verifier(KeyRing(jwks_url=issuer.url, clock=watch), ISSUER, [PARTY])


async def test_the_keys_are_fetched_once_for_many_tokens(issuer, verifier):
    for _ in range(5):
        assert await verifier.principal(ONE.token())
    assert issuer.asked == 1


async def test_start_fetches_ahead_of_the_first_token(issuer, watch):
    keys = KeyRing(jwks_url=issuer.url, clock=watch)
    await keys.start()
    assert await keys.key_for("ins_one")
    assert issuer.asked == 1


async def test_concurrent_misses_share_one_fetch(issuer, verifier):
    issuer.may_answer.clear()
    asking = [asyncio.create_task(verifier.principal(ONE.token())) for _ in range(20)]
    await issuer.was_asked(1)
    issuer.may_answer.set()
    assert all(await asyncio.gather(*asking))
    assert issuer.asked == 1


async def test_others_go_on_while_a_fetch_is_under_way(issuer, verifier, watch):
    assert await verifier.principal(ONE.token())
    watch.now += 31
    issuer.may_answer.clear()
    waiting = asyncio.create_task(verifier.principal(TWO.token()))
    await issuer.was_asked(2)
    assert await verifier.principal(ONE.token())
    assert not waiting.done()
    issuer.may_answer.set()
    assert await waiting is None


async def test_a_new_key_is_found_and_the_old_one_goes(issuer, verifier, watch):
    assert await verifier.principal(ONE.token())
    issuer.publish(TWO)
    watch.now += 31
    assert await verifier.principal(TWO.token())
    assert await verifier.principal(ONE.token()) is None


async def test_unknown_keys_cannot_make_us_ask_more_than_every_30_seconds(issuer, verifier, watch):
    assert await verifier.principal(ONE.token())
    for number in range(10):
        stranger = Forge("ins_other", headers={"kid": f"ins_{number}"})
        assert await verifier.principal(stranger.token()) is None
    assert issuer.asked == 1
    watch.now += 31
    assert await verifier.principal(Forge("ins_other").token()) is None
    assert issuer.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (404, b"{}"),
        (302, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": {}}'),
        (200, b'{"keys": []}'),
        (200, b'{"keys": [7, {}, {"kid": "ins_one"}, {"kid": "ins_one", "kty": "RSA"}]}'),
        (200, b'{"keys": [{"kid": "ins_one", "kty": "RSA", "n": "!", "e": "AQAB"}]}'),
        (200, b"[" * 100_000),
        (200, b" " * 300_000),
    ],
)
async def test_a_bad_answer_is_a_warning_and_unavailable_then_tried_again(
    issuer, verifier, watch, answer
):
    issuer.answer = answer
    with capture_logs() as logs, pytest.raises(Unavailable):
        await verifier.principal(ONE.token())
    assert [line["log_level"] for line in logs] == ["warning"]
    with pytest.raises(Unavailable):
        await verifier.principal(ONE.token())
    assert issuer.asked == 1
    issuer.publish(ONE)
    watch.now += 3
    assert await verifier.principal(ONE.token())


async def test_one_unreadable_key_does_not_hide_its_neighbour(issuer, verifier):
    keys = [{"kid": "ins_bad", "kty": "RSA", "n": "!", "e": "!"}, ONE.jwk]
    issuer.answer = (200, json.dumps({"keys": keys}).encode())
    assert await verifier.principal(ONE.token())


async def test_a_key_for_encryption_signs_nothing(issuer, verifier):
    issuer.answer = (200, json.dumps({"keys": [{**ONE.jwk, "use": "enc"}, TWO.jwk]}).encode())
    assert await verifier.principal(ONE.token()) is None


async def test_with_the_issuer_down_known_keys_still_work(issuer, verifier, watch):
    assert await verifier.principal(ONE.token())
    await issuer.stop()
    watch.now += 3600
    assert await verifier.principal(ONE.token())
    with pytest.raises(Unavailable):
        await verifier.principal(TWO.token())
    assert await verifier.principal(ONE.token())


async def test_malformed_tokens_cause_no_request_to_the_issuer(issuer, verifier):
    assert await verifier.principal("nonsense") is None
    assert await verifier.principal("") is None
    assert issuer.asked == 0
