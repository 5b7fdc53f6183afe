"""The part of Clerk's Frontend API that a sign-in page needs: the session of a browser.

Every answer is `{"response": …, "client": …}`, errors are `{"errors": […]}`; a token comes bare.
POST may carry `?_method=DELETE`, as Clerk's own client sends it. The session hangs on the cookie
`__client`: HttpOnly, SameSite=Strict, and only for paths below `/v1/client`.
"""

import hashlib
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursebook.sandbox.accounts import Person, UnknownPerson, person_of
from coursebook.sandbox.clock import Clock
from coursebook.sandbox.origins import Guard, error, fields_of
from coursebook.sandbox.store import Store
from coursebook.sandbox.tokens import TokenMint

COOKIE = "__client"
CLIENT = "identity_client"
SESSION_SECONDS = 7 * 24 * 3600


class FrontendApi:
    """Sessions of browsers: one browser is one client, which has at most one session."""

    def __init__(self, mint: TokenMint, store: Store, clock: Clock) -> None:
        """Keep what the handlers need."""
        self._mint = mint
        self._store = store
        self._clock = clock

    def routes(self, guard: Guard) -> list[Route]:
        """Return the routes below `/v1/client`."""
        return [
            guard.route("/v1/client", self.client, "GET"),
            guard.route("/v1/client/sign_ins", self.sign_in, "POST"),
            guard.route("/v1/client/sessions", self.sign_out, "DELETE", "POST"),
            guard.route("/v1/client/sessions/{sid}/tokens", self.session_token, "POST"),
        ]

    async def client(self, request: Request) -> Response:
        """Who is signed in in this browser; null when nobody is."""
        return JSONResponse({"response": self._shown(self._known(request)), "client": None})

    async def sign_in(self, request: Request) -> Response:
        """Sign in with an address alone: there are no passwords in the sandbox."""
        try:
            person = person_of((await fields_of(request)).get("identifier"))
        except UnknownPerson as refusal:
            return error(422, "form_identifier_not_found", str(refusal))
        self._store.delete(CLIENT, _digest(request.cookies.get(COOKIE, "")))
        key = secrets.token_urlsafe(32)
        client = self._new_client(person)
        self._store.put(CLIENT, _digest(key), client, created=client["created"])
        done = {
            "object": "sign_in_attempt",
            "id": f"sia_{secrets.token_hex(12)}",
            "status": "complete",
            "identifier": person.email,
            "created_session_id": client["session"],
        }
        answer = JSONResponse({"response": done, "client": self._shown(client)})
        self._set_cookie(answer, key)
        return answer

    async def session_token(self, request: Request) -> Response:
        """A fresh token of a session that lives in this browser."""
        client = self._known(request)
        if client is None or client["session"] != request.path_params["sid"]:
            return error(401, "authentication_invalid", "This session has ended.")
        return JSONResponse({"object": "token", "jwt": self._token(client)})

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser; fine when there is none."""
        if request.method == "POST" and request.query_params.get("_method") != "DELETE":
            return error(405, "method_not_allowed", "Only DELETE is possible here.")
        self._store.delete(CLIENT, _digest(request.cookies.get(COOKIE, "")))
        answer = JSONResponse({"response": None, "client": None})
        answer.delete_cookie(COOKIE, path="/v1/client", httponly=True, samesite="strict")
        return answer

    def _new_client(self, person: Person) -> dict[str, Any]:
        return {
            "id": f"client_{secrets.token_hex(12)}",
            "session": f"sess_{secrets.token_hex(12)}",
            "email": person.email,
            "created": int(self._clock.real_now()),
        }

    def _known(self, request: Request) -> dict[str, Any] | None:
        client = self._store.get(CLIENT, _digest(request.cookies.get(COOKIE, "")))
        if client and client["created"] + SESSION_SECONDS > self._clock.real_now():
            return client
        return None

    def _token(self, client: dict[str, Any]) -> str:
        person = person_of(client["email"])
        return self._mint.token(person, client["session"], since=client["created"])

    def _shown(self, client: dict[str, Any] | None) -> dict[str, Any] | None:
        if client is None:
            return None
        born, now = client["created"] * 1000, int(self._clock.real_now() * 1000)
        session = {
            "object": "session",
            "id": client["session"],
            "status": "active",
            "expire_at": born + SESSION_SECONDS * 1000,
            "abandon_at": born + SESSION_SECONDS * 1000,
            "last_active_at": now,
            "user": _user(person_of(client["email"])),
            "last_active_token": {"object": "token", "jwt": self._token(client)},
            "factor_verification_age": [(now - born) // 60000, -1],
            "tasks": None,
        }
        return {
            "object": "client",
            "id": client["id"],
            "sessions": [session],
            "sign_in": None,
            "sign_up": None,
            "last_active_session_id": client["session"],
            "cookie_expires_at": session["expire_at"],
            "created_at": born,
            "updated_at": now,
        }

    def _set_cookie(self, answer: Response, key: str) -> None:
        answer.set_cookie(
            COOKIE,
            key,
            max_age=SESSION_SECONDS,
            path="/v1/client",
            httponly=True,
            samesite="strict",
        )


def _user(person: Person) -> dict[str, Any]:
    first, _, last = person.name.partition(" ")
    address = {"object": "email_address", "id": "idn_1", "email_address": person.email}
    return {
        "object": "user",
        "id": person.user_id,
        "first_name": first,
        "last_name": last,
        "email_addresses": [address],
        "primary_email_address_id": "idn_1",
        "public_metadata": person.metadata,
    }


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
