"""The API as it looks on the wire: keys, errors, request ids, idempotency and ordered faults."""

import asyncio
import base64
import binascii
import json
import logging
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.faults import ANSWERS, Fault, reset_connection, stay_silent
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.options import LIVE_KEY_PREFIXES, TEST_KEY_PREFIXES
from coursebook.sandbox.stripe.events import API_VERSION, current_request
from coursebook.sandbox.stripe.form_encoding import decode
from coursebook.sandbox.stripe.idempotency import Kept, Keys
from coursebook.sandbox.stripe.routes import Operation, find
from coursebook.sandbox.stripe.timers import run_due

RAW_SEND = "coursebook.sandbox.send"
FORM = "application/x-www-form-urlencoded"
LARGEST_BODY = 1_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One request, read whole."""

    request_id: str
    operation: Operation
    ids: tuple[Any, ...]
    path: str
    body: bytes
    query: str
    idempotency_key: str | None


class Api:
    """An ASGI program for everything below `/v1`."""

    def __init__(self, context: Context) -> None:
        """Serve a world."""
        self._context = context
        self._keys = Keys(context.store, context.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or break it off when a fault was ordered."""
        request = Request(scope, receive)
        request_id = new_id("req_")
        fault: Fault | None = None
        try:
            self._check_key(request.headers.get("authorization", ""))
            call = await _read(request, request_id)
            fault = self._context.faults.take(request.method, call.path)
            response = await self._answer(call, fault)
        except StripeRefusal as refusal:
            response = _response(refusal.status, _json(refusal.body()), request_id)
        if response is not None:
            await response(scope, receive, send)
        elif fault and fault.kind == "timeout":
            await stay_silent(receive, scope[RAW_SEND])
        else:
            await reset_connection(receive, scope[RAW_SEND])

    def _check_key(self, header: str) -> None:
        key = _key_in(header)
        if not key:
            raise _unauthorised(
                "You did not provide an API key. You need to provide your API key in the"
                " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
                " YOUR_SECRET_KEY')."
            )
        if key.startswith(LIVE_KEY_PREFIXES):
            raise _unauthorised("This is a sandbox: never send it a live key.")
        known = self._context.options.secret_keys
        if not key.startswith(TEST_KEY_PREFIXES) or (known and key not in known):
            raise _unauthorised(f"Invalid API Key provided: {key[:8]}****{key[-4:]}")

    async def _answer(self, call: Call, fault: Fault | None) -> Response | None:
        if fault and fault.when == "before" and fault.kind != "slow":
            return _broken(fault, call)
        key = call.idempotency_key if call.operation.method == "POST" else None
        if key is None:
            kept, replayed = await self._execute(call, fault), False
        else:
            known = self._keys.claim(key, call.path, call.body)
            kept, replayed = known or await self._execute_once(call, key, fault), known is not None
        if fault and fault.when == "after" and fault.kind != "slow":
            return _broken(fault, call)
        return _response(kept.status, kept.body, call.request_id, key, kept if replayed else None)

    async def _execute_once(self, call: Call, key: str, fault: Fault | None) -> Kept:
        try:
            return await self._execute(call, fault, key)
        finally:
            self._keys.release(key)

    async def _execute(self, call: Call, fault: Fault | None, key: str | None = None) -> Kept:
        """Do what is asked; effect and kept answer are written together or not at all."""
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.delay_ms / 1000)
        mark = current_request.set({"id": call.request_id, "idempotency_key": key})
        try:
            with self._context.store.transaction():
                kept = Kept(200, _json(self._result(call)), call.request_id)
                self._keep(call, key, kept)
        except StripeRefusal as refusal:
            kept = Kept(refusal.status, _json(refusal.body()), call.request_id)
            if refusal.remembered:
                self._keep(call, key, kept)
        except Exception:
            log.exception("%s %s failed", call.operation.method, call.path)
            problem = StripeRefusal("The sandbox failed.", status=500, kind="api_error")
            kept = Kept(500, _json(problem.body()), call.request_id)
        finally:
            current_request.reset(mark)
        return kept

    def _keep(self, call: Call, key: str | None, kept: Kept) -> None:
        if key is not None:
            self._keys.keep(key, call.path, call.body, kept)

    def _result(self, call: Call) -> dict[str, Any]:
        run_due(self._context)
        text = (
            call.body.decode("utf-8", "replace") if call.operation.method == "POST" else call.query
        )
        params = call.operation.check(decode(text), "")
        return call.operation.act(self._context, params, *call.ids)


async def _read(request: Request, request_id: str) -> Call:
    path = request.url.path
    found = find(request.method, path)
    if found is None:
        sentence = f"Unrecognized request URL ({request.method}: {path})."
        raise StripeRefusal(sentence, status=404)
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise StripeRefusal("The request is too large.", status=413)
    if body and not request.headers.get("content-type", "").startswith(FORM):
        sentence = f"Invalid request (check that your POST content type is {FORM})."
        raise StripeRefusal(sentence)
    operation, ids = found
    key = request.headers.get("idempotency-key") or None
    return Call(request_id, operation, ids, path, body, request.url.query, key)


def _key_in(header: str) -> str:
    scheme, _, word = header.partition(" ")
    if scheme.lower() == "bearer":
        return word.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(word, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _unauthorised(sentence: str) -> StripeRefusal:
    return StripeRefusal(sentence, status=401)


def _broken(fault: Fault, call: Call) -> Response | None:
    """Return the answer of a fault, or None when there is to be no answer at all."""
    refusal = ANSWERS.get(fault.kind)
    if refusal is None:
        return None
    response = _response(refusal.status, _json(refusal.body()), call.request_id)
    if refusal.code == "rate_limit":
        response.headers["Stripe-Rate-Limited-Reason"] = "global-rate"
    return response


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _response(
    status: int, body: str, request_id: str, key: str | None = None, replay: Kept | None = None
) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
    if key is not None:
        headers["Idempotency-Key"] = key
        headers["Original-Request"] = replay.request_id if replay else request_id
    if replay is not None:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status, headers, media_type="application/json")
