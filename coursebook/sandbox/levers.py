"""Levers for tests: faults, time and deliveries at the press of a key. Off unless switched on.

Each lever is one POST with a JSON body; what it takes and answers is in `docs/sandbox.md`.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursebook.sandbox.deliveries import MODES, Mode
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.faults import KINDS, Fault
from coursebook.sandbox.foreign import foreign_payment
from coursebook.sandbox.payment_form import card_of
from coursebook.sandbox.payments import Outcome, answer_challenge, pay, settle
from coursebook.sandbox.refunds import fail, make
from coursebook.sandbox.resources import load, save, shown
from coursebook.sandbox.store import Body
from coursebook.sandbox.timers import run_due
from coursebook.sandbox.world import World

Answer = Coroutine[Any, Any, Body]
Lever = Callable[[World, Body, str], Answer]


async def advance_clock(world: World, said: Body, _key: str) -> Body:
    """Move the sandbox's time ahead by `seconds`, and do what has become due."""
    seconds = _number(said, "seconds", None)
    if seconds < 0:
        raise StripeRefusal("The clock moves forwards only.", param="seconds")
    world.clock.advance(seconds)
    run_due(world)
    world.courier.wake()
    return {"now": world.clock.seconds(), "offset": world.clock.offset}


async def switch_deliveries(world: World, said: Body, _key: str) -> Body:
    """Deliver normally, or drop, hold, duplicate or reorder what comes from now on."""
    mode = Mode(_word(said, "mode", MODES), int(_number(said, "delay_ms", 0)))  # type: ignore[arg-type]
    world.courier.switch(mode)
    return {"mode": mode.name, "delay_ms": mode.delay_ms}


async def release_deliveries(world: World, _said: Body, _key: str) -> Body:
    """Send what was held or dropped, and deliver normally again."""
    world.courier.release()
    return {"mode": world.courier.mode.name}


async def order_faults(world: World, said: Body, _key: str) -> Body:
    """Let the next `count` calls go wrong; `count` 0 forgets all faults."""
    count = int(_number(said, "count", 1))
    if count == 0:
        world.faults.clear()
    else:
        fault = Fault(
            count,
            _word(said, "kind", KINDS),  # type: ignore[arg-type]
            _word(said, "when", ("before", "after"), "before"),  # type: ignore[arg-type]
            str(said.get("path", "")),
            str(said.get("method", "")).upper(),
            int(_number(said, "delay_ms", 0)),
        )
        world.faults.order(fault)
    return _waiting_faults(world)


async def send_foreign(world: World, said: Body, _key: str) -> Body:
    """Let another application of the same account be paid."""
    session, event = foreign_payment(world, said)
    return {"session": shown(world, session), "event": event}


async def resend_event(world: World, said: Body, _key: str) -> Body:
    """Deliver an event once more."""
    event = load(world, "event", _word(said, "id"), "id")
    world.courier.resend(event)
    return {"id": event["id"]}


async def pay_session(world: World, said: Body, key: str) -> Body:
    """Pay without a browser, on the road the payment page takes."""
    session = load(world, "checkout.session", key, "session")
    card, problem = card_of(_word(said, "card", fallback="4242424242424242"))
    if problem:
        raise StripeRefusal(problem, param="card")
    email = said.get("email") or session["customer_email"] or "buyer@example.test"
    outcome = pay(world, key, card, email)
    if outcome.word == "challenged" and said.get("challenge") != "leave":
        outcome = answer_challenge(world, key, passed=said.get("challenge") != "fail")
    if outcome.event and said.get("wait", True):
        await world.courier.first_answer(outcome.event, world.options.redirect_wait_seconds)
    return _told(world, key, outcome)


async def settle_session(world: World, said: Body, key: str) -> Body:
    """Bring a delayed payment to its end before its time."""
    succeeds = _word(said, "outcome", ("succeeded", "failed")) == "succeeded"
    session = load(world, "checkout.session", key, "session")
    intent = world.store.get("payment_intent", session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        raise StripeRefusal(f"No delayed payment is on its way for {key}.")
    settle(world, intent, succeeds=succeeds)
    return {"session": shown(world, load(world, "checkout.session", key, "session"))}


async def tamper_session(world: World, said: Body, key: str) -> Body:
    """Change what Stripe says about a session, so that it differs from what was asked for."""
    session = load(world, "checkout.session", key, "session")
    allowed = {"amount_total": int, "currency": str, "livemode": bool, "metadata": dict}
    for name, value in said.items():
        if name not in allowed or type(value) is not allowed[name]:
            raise StripeRefusal(f"Cannot tamper with {name} like that.", param=name)
        session[name] = value
    save(world, session, due=session["_closes_at"] if session["status"] == "open" else None)
    return {"session": shown(world, session)}


async def fail_refund(world: World, _said: Body, key: str) -> Body:
    """Let a refund fail."""
    with world.store.transaction():
        refund = fail(world, load(world, "refund", key, "refund"))
    return {"refund": shown(world, refund)}


async def refund_charge(world: World, said: Body, key: str) -> Body:
    """Refund as somebody does in Stripe's dashboard, unseen by the product."""
    charge = load(world, "charge", key, "charge")
    left = charge["amount"] - charge["amount_refunded"]
    amount = int(_number(said, "amount", left))
    if not charge["paid"] or not 0 < amount <= left:
        raise StripeRefusal(f"At most {left} can be refunded.", param="amount")
    with world.store.transaction():
        refund = make(world, charge, amount, "requested_by_customer", {})
    return {"refund": shown(world, refund)}


LEVERS: dict[str, Lever] = {
    "clock/advance": advance_clock,
    "deliveries/mode": switch_deliveries,
    "deliveries/release": release_deliveries,
    "faults": order_faults,
    "events/foreign": send_foreign,
    "events/resend": resend_event,
    "sessions/{key}/pay": pay_session,
    "sessions/{key}/settle": settle_session,
    "sessions/{key}/tamper": tamper_session,
    "refunds/{key}/fail": fail_refund,
    "charges/{key}/refund": refund_charge,
}


def routes(world: World) -> list[Route]:
    """Return the levers of a world, and the lists of its deliveries and waiting faults."""

    async def deliveries(_request: Request) -> Response:
        return JSONResponse({"deliveries": world.courier.all(500)})

    async def faults(_request: Request) -> Response:
        return JSONResponse(_waiting_faults(world))

    levers = [_route(world, path, lever) for path, lever in LEVERS.items()]
    looks = [Route("/_test/deliveries", deliveries), Route("/_test/faults", faults)]
    return [*looks, *levers]


def _waiting_faults(world: World) -> Body:
    return {"waiting": [vars(fault) for fault in world.faults.waiting()]}


def _route(world: World, path: str, lever: Lever) -> Route:
    async def pulled(request: Request) -> Response:
        try:
            run_due(world)
            said = await _json(request)
            return JSONResponse(await lever(world, said, request.path_params.get("key", "")))
        except StripeRefusal as refusal:
            return JSONResponse(refusal.body(), refusal.status)

    return Route(f"/_test/{path}", pulled, methods=["POST"])


async def _json(request: Request) -> Body:
    """Read the body. JSON only: a page of another site cannot send that without being asked."""
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise StripeRefusal("Levers are not for other sites.", status=403)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise StripeRefusal("A lever takes a JSON body.", status=415)
    try:
        said = json.loads(await request.body())
    except ValueError:
        raise StripeRefusal("The body is not JSON.") from None
    if not isinstance(said, dict):
        raise StripeRefusal("The body is not a JSON object.")
    return said


def _number(said: Body, name: str, fallback: float | None) -> float:
    value = said.get(name, fallback)
    if type(value) not in (int, float):
        raise StripeRefusal(f"{name} must be a number.", param=name)
    if not 0 <= value <= 10**10:  # type: ignore[operator]
        raise StripeRefusal(f"{name} is out of bounds.", param=name)
    return value  # type: ignore[return-value]


def _word(said: Body, name: str, allowed: tuple[str, ...] = (), fallback: str | None = None) -> str:
    value = said.get(name, fallback)
    if not isinstance(value, str) or (allowed and value not in allowed):
        raise StripeRefusal(f"{name} must be one of {', '.join(allowed) or 'a text'}.", param=name)
    return value


def _told(world: World, key: str, outcome: Outcome) -> Body:
    session = load(world, "checkout.session", key, "session")
    return {
        "outcome": outcome.word,
        "message": outcome.message,
        "event": outcome.event,
        "session": shown(world, session),
    }
