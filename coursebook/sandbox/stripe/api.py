"""The HTTP side of the API: keys, errors, request ids, idempotency and injected faults."""

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
from coursebook.sandbox.stripe.idempotency import IdempotencyKeys, StoredResponse
from coursebook.sandbox.stripe.routes import Operation, find
from coursebook.sandbox.stripe.timers import run_due

RAW_SEND = "coursebook.sandbox.send"
FORM = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 1_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One parsed request."""

    request_id: str
    operation: Operation
    ids: tuple[Any, ...]
    path: str
    body: bytes
    query: str
    idempotency_key: str | None


class Api:
    """The ASGI application for all paths below `/v1`."""

    def __init__(self, context: Context) -> None:
        """Serve the API of a context."""
        self._context = context
        self._keys = IdempotencyKeys(context.store, context.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or drop it if a fault says so."""
        request = Request(scope, receive)
        request_id = new_id("req_")
        fault: Fault | None = None
        try:
            self._check_key(request.headers.get("authorization", ""))
            call = await _read(request, request_id)
            fault = self._context.faults.take(request.method, call.path)
            response = await self._answer(call, fault)
        except StripeRefusal as error:
            response = _response(error.status, _json(error.body()), request_id)
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
        secret_keys = self._context.options.secret_keys
        if not key.startswith(TEST_KEY_PREFIXES) or (secret_keys and key not in secret_keys):
            raise _unauthorised(f"Invalid API Key provided: {key[:8]}****{key[-4:]}")

    async def _answer(self, call: Call, fault: Fault | None) -> Response | None:
        if fault and fault.when == "before" and fault.kind != "slow":
            return _fault_response(fault, call)
        key = call.idempotency_key if call.operation.method == "POST" else None
        if key is None:
            stored, is_replay = await self._execute(call, fault), False
        else:
            earlier = self._keys.claim(key, call.path, call.body)
            stored = earlier or await self._execute_once(call, key, fault)
            is_replay = earlier is not None
        if fault and fault.when == "after" and fault.kind != "slow":
            return _fault_response(fault, call)
        replay = stored if is_replay else None
        return _response(stored.status, stored.body, call.request_id, key, replay)

    async def _execute_once(self, call: Call, key: str, fault: Fault | None) -> StoredResponse:
        try:
            return await self._execute(call, fault, key)
        finally:
            self._keys.release(key)

    async def _execute(
        self, call: Call, fault: Fault | None, key: str | None = None
    ) -> StoredResponse:
        """Execute the operation; commit its effect and the stored response together."""
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.delay_ms / 1000)
        token = current_request.set({"id": call.request_id, "idempotency_key": key})
        try:
            with self._context.store.transaction():
                stored = StoredResponse(200, _json(self._result(call)), call.request_id)
                self._store(call, key, stored)
        except StripeRefusal as error:
            stored = StoredResponse(error.status, _json(error.body()), call.request_id)
            if error.remembered:
                self._store(call, key, stored)
        except Exception:
            log.exception("api.failed method=%s path=%s", call.operation.method, call.path)
            failure = StripeRefusal("The sandbox failed.", status=500, kind="api_error")
            stored = StoredResponse(500, _json(failure.body()), call.request_id)
        finally:
            current_request.reset(token)
        return stored

    def _store(self, call: Call, key: str | None, stored: StoredResponse) -> None:
        if key is not None:
            self._keys.store(key, call.path, call.body, stored)

    def _result(self, call: Call) -> dict[str, Any]:
        run_due(self._context)
        text = (
            call.body.decode("utf-8", "replace") if call.operation.method == "POST" else call.query
        )
        params = call.operation.check(decode(text), "")
        return call.operation.act(self._context, params, *call.ids)


async def _read(request: Request, request_id: str) -> Call:
    path = request.url.path
    match = find(request.method, path)
    if match is None:
        sentence = f"Unrecognized request URL ({request.method}: {path})."
        raise StripeRefusal(sentence, status=404)
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise StripeRefusal("The request is too large.", status=413)
    if body and not request.headers.get("content-type", "").startswith(FORM):
        sentence = f"Invalid request (check that your POST content type is {FORM})."
        raise StripeRefusal(sentence)
    operation, ids = match
    key = request.headers.get("idempotency-key") or None
    return Call(request_id, operation, ids, path, body, request.url.query, key)


def _key_in(header: str) -> str:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _unauthorised(sentence: str) -> StripeRefusal:
    return StripeRefusal(sentence, status=401)


def _fault_response(fault: Fault, call: Call) -> Response | None:
    """Return the response of a fault, or None for a fault without a response."""
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
    status: int,
    body: str,
    request_id: str,
    key: str | None = None,
    replay: StoredResponse | None = None,
) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
    if key is not None:
        headers["Idempotency-Key"] = key
        headers["Original-Request"] = replay.request_id if replay else request_id
    if replay is not None:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status, headers, media_type="application/json")
