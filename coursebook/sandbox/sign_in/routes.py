"""Routes of the sign-in: Frontend API, public keys, accounts, and tokens for scripts."""

import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.sign_in.accounts import PEOPLE, UnknownPerson, person_of
from coursebook.sandbox.sign_in.cors import OriginGuard, error_response, fields_of
from coursebook.sandbox.sign_in.frontend_api import FrontendApi
from coursebook.sandbox.sign_in.tokens import LIFETIME, TokenMint
from coursebook.sandbox.store import Store

MAX_TTL = 24 * 3600


def routes(options: SandboxOptions, store: Store, clock: Clock) -> list[Route]:
    """Return the routes of the sign-in."""
    mint = TokenMint(options, store, clock)
    guard = OriginGuard(options.product_url, options.public_url)

    async def key_set(_request: Request) -> Response:
        return JSONResponse(mint.key_set())

    async def test_token(request: Request) -> Response:
        return await _test_token(request, mint)

    return [
        Route("/.well-known/jwks.json", key_set),
        guard.route("/_test/token", test_token, "POST"),
        guard.route("/v1/people", _people, "GET"),
        *FrontendApi(mint, store, clock, options.product_url).routes(guard),
    ]


async def _people(_request: Request) -> Response:
    people = [{"email": p.email, "name": p.name, "role": p.role} for p in PEOPLE]
    return JSONResponse({"people": people})


async def _test_token(request: Request, mint: TokenMint) -> Response:
    """Return a token for a script: `{"email", "ttl"}` → `{"token"}`; negative `ttl`: expired."""
    fields = await fields_of(request)
    ttl = fields.get("ttl", LIFETIME)
    if type(ttl) is not int or not -MAX_TTL <= ttl <= MAX_TTL:
        sentence = f"ttl is a whole number of seconds, {MAX_TTL} at most."
        return error_response(422, "form_param_value_invalid", sentence)
    try:
        person = person_of(fields.get("email"))
    except UnknownPerson as error:
        return error_response(422, "form_identifier_not_found", str(error))
    session = f"sess_test_{secrets.token_hex(8)}"
    return JSONResponse({"token": mint.token(person, session, ttl=ttl)})
