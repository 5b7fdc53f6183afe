"""The part of Clerk's Frontend API that a sign-in page needs: the session of a browser.

A response is `{"response": …, "client": …}` or `{"errors": […]}`; a token has no envelope. POST may
carry `?_method=DELETE`, as Clerk's own client sends it. The cookie `__client` identifies the
session: HttpOnly, SameSite=Strict, and only for paths below `/v1/client`.
"""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.sign_in.accounts import Person, UnknownPerson, person_of
from coursebook.sandbox.sign_in.cors import OriginGuard, error_response, fields_of
from coursebook.sandbox.sign_in.sessions import SESSION_SECONDS, SignIns
from coursebook.sandbox.sign_in.tokens import TokenMint
from coursebook.sandbox.store import Body, Store

COOKIE = "__client"
ENDED = "This session has ended."


class FrontendApi:
    """The routes. A browser is one client and has at most one session."""

    def __init__(self, mint: TokenMint, store: Store, clock: Clock, product_url: str) -> None:
        """Set the dependencies of the handlers."""
        self._product_url = product_url
        self._mint = mint
        self._sign_ins = SignIns(store, clock)
        self._clock = clock

    def routes(self, guard: OriginGuard) -> list[Route]:
        """Return the routes below `/v1/client`."""
        session = "/v1/client/sessions/{sid}"
        return [
            guard.route("/v1/client", self.client, "GET"),
            guard.route("/v1/client/sign_ins", self.sign_in, "POST"),
            guard.route("/v1/client/sign_ins/form", self.sign_in_by_form, "POST"),
            guard.route("/v1/client/sessions", self.sign_out, "DELETE", "POST"),
            guard.route(f"{session}/tokens", self.session_token, "POST"),
            guard.route(f"{session}/touch", self.touch, "POST"),
            guard.route(f"{session}/end", self.end, "POST"),
            guard.route(f"{session}/remove", self.end, "POST"),
        ]

    async def client(self, request: Request) -> Response:
        """Return the session of this browser, or null."""
        return JSONResponse({"response": self._client_json(self._session(request)), "client": None})

    async def sign_in(self, request: Request) -> Response:
        """Sign in by email address; the sandbox has no passwords."""
        try:
            person = person_of((await fields_of(request)).get("identifier"))
        except UnknownPerson as error:
            return error_response(422, "form_identifier_not_found", str(error))
        session, key = self._begin(request, person)
        attempt = {
            "object": "sign_in_attempt",
            "id": f"sia_{secrets.token_hex(12)}",
            "status": "complete",
            "identifier": person.email,
            "created_session_id": session["id"],
        }
        response = JSONResponse({"response": attempt, "client": self._client_json(session)})
        _set_cookie(response, key)
        return response

    async def sign_in_by_form(self, request: Request) -> Response:
        """Sign in by a form of the dashboard, then redirect to the product."""
        try:
            person = person_of((await fields_of(request)).get("identifier"))
        except UnknownPerson:
            return RedirectResponse("/sign-ins?done=no-address", 303)
        _, key = self._begin(request, person)
        response = RedirectResponse(self._product_url, 303)
        _set_cookie(response, key)
        return response

    async def session_token(self, request: Request) -> Response:
        """Return a new token of the session of this browser."""
        session = self._session_in_path(request)
        if session is None:
            return _ended()
        return JSONResponse({"object": "token", "jwt": self._token(session)})

    async def touch(self, request: Request) -> Response:
        """Return the session; a browser has only one, so there is none to switch to."""
        session = self._session_in_path(request)
        if session is None:
            return _ended()
        client = self._client_json(session)
        assert client is not None
        return JSONResponse({"response": client["sessions"][0], "client": client})

    async def end(self, request: Request) -> Response:
        """End the session in the path."""
        session = self._session_in_path(request)
        if session is None:
            return _ended()
        self._sign_ins.end(session["id"], "ended")
        ended = {"object": "session", "id": session["id"], "status": "ended"}
        return _without_cookie(JSONResponse({"response": ended, "client": None}))

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser, if it has one."""
        if request.method == "POST" and request.query_params.get("_method") != "DELETE":
            return error_response(405, "method_not_allowed", "Only DELETE is possible here.")
        self._sign_ins.end_of_browser(request.cookies.get(COOKIE, ""), "ended")
        return _without_cookie(JSONResponse({"response": None, "client": None}))

    def _begin(self, request: Request, person: Person) -> tuple[Body, str]:
        agent = request.headers.get("user-agent", "")
        return self._sign_ins.begin(person, agent, request.cookies.get(COOKIE, ""))

    def _session(self, request: Request) -> Body | None:
        session = self._sign_ins.of_browser(request.cookies.get(COOKIE, ""))
        if session is not None:
            self._sign_ins.note_seen(session)
        return session

    def _session_in_path(self, request: Request) -> Body | None:
        session = self._session(request)
        return session if session and session["id"] == request.path_params["sid"] else None

    def _token(self, session: Body) -> str:
        person = person_of(session["email"])
        return self._mint.token(person, session["id"], since=session["created"])

    def _client_json(self, session: Body | None) -> dict[str, Any] | None:
        if session is None:
            return None
        created, now = session["created"] * 1000, int(self._clock.real_now() * 1000)
        session_json = {
            "object": "session",
            "id": session["id"],
            "status": "active",
            "expire_at": created + SESSION_SECONDS * 1000,
            "abandon_at": created + SESSION_SECONDS * 1000,
            "last_active_at": now,
            "user": _user(person_of(session["email"])),
            "last_active_token": {"object": "token", "jwt": self._token(session)},
            "factor_verification_age": [(now - created) // 60000, -1],
            "tasks": None,
        }
        return {
            "object": "client",
            "id": session["client"],
            "sessions": [session_json],
            "sign_in": None,
            "sign_up": None,
            "last_active_session_id": session["id"],
            "cookie_expires_at": session_json["expire_at"],
            "created_at": created,
            "updated_at": now,
        }


def _ended() -> Response:
    return error_response(401, "authentication_invalid", ENDED)


def _set_cookie(response: Response, key: str) -> None:
    response.set_cookie(
        COOKIE, key, max_age=SESSION_SECONDS, path="/v1/client", httponly=True, samesite="strict"
    )


def _without_cookie(response: Response) -> Response:
    response.delete_cookie(COOKIE, path="/v1/client", httponly=True, samesite="strict")
    return response


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
