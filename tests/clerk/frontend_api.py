"""Clerk's Frontend API as far as ClerkJS uses it: people with passwords, sessions, tokens.

Written from the observed traffic of ClerkJS 6.40. Answers are `{"response": …, "client": …}`,
except for the environment and tokens. Methods other than GET arrive as POST with `?_method=`. The
cookie `__client` identifies a browser's session.
"""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from tests.clerk import resources as shapes
from tests.clerk.accounts import ACCOUNTS, Account
from tests.support.tokens import Forge

COOKIE = "__client"
NOT_FOUND = (422, "form_identifier_not_found", "Couldn't find your account.")
WRONG = (422, "form_password_incorrect", "Password is incorrect. Try again, or use another method.")
SIGNED_OUT = (401, "authentication_invalid", "Invalid authentication")


@dataclass
class Browser:
    """Clerk's state of one browser: the signed-in person, and an unfinished sign-in."""

    id: str = field(default_factory=lambda: f"client_{secrets.token_hex(12)}")
    account: Account | None = None
    session: str = ""
    trying: Account | None = None


@dataclass
class Clerk:
    """One Clerk instance for one page, at `issuer`. `token_life` is in seconds."""

    issuer: str
    page: str
    scripts: Path
    token_life: int = 60
    forge: Forge = field(default_factory=lambda: Forge("ins_clerk"))
    unknown: list[str] = field(default_factory=list)
    _browsers: dict[str, Browser] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/v1/environment", self.environment, methods=["GET", "POST"]),
            Route("/v1/client", self.client, methods=["GET", "POST"]),
            Route("/v1/client/sign_ins", self.sign_in, methods=["POST"]),
            Route("/v1/client/sign_ins/{id}/attempt_first_factor", self.password, methods=["POST"]),
            Route("/v1/client/sessions", self.sign_out, methods=["POST"]),
            Route("/v1/client/sessions/{sid}/touch", self.touch, methods=["POST"]),
            Route("/v1/client/sessions/{sid}/tokens", self.token, methods=["POST"]),
            Route("/npm/@clerk/{package}/dist/{file}", self.script),
            Route("/{path:path}", self.anything, methods=["GET", "POST"]),
        ]
        shared = Middleware(CORSMiddleware, allow_origins=[self.page], allow_credentials=True)
        return Starlette(routes=routes, middleware=[shared])

    def revoke(self, account: Account) -> None:
        """End every session of somebody, as in Clerk's dashboard."""
        for browser in self._browsers.values():
            if browser.account == account:
                browser.account, browser.session = None, ""

    async def environment(self, _request: Request) -> Response:
        return JSONResponse(shapes.ENVIRONMENT)

    async def client(self, request: Request) -> Response:
        return self._answer(self._client(self._browser(request)), self._browser(request))

    async def sign_in(self, request: Request) -> Response:
        browser, form = self._browser(request), await request.form()
        account = ACCOUNTS.get(str(form.get("identifier", "")))
        if account is None:
            return _refusal(*NOT_FOUND)
        browser.trying = account
        if "password" in form:
            return self._try(browser, str(form["password"]))
        return self._answer(shapes.sign_in(account), browser)

    async def password(self, request: Request) -> Response:
        form = await request.form()
        return self._try(self._browser(request), str(form.get("password", "")))

    async def sign_out(self, request: Request) -> Response:
        browser = self._browser(request)
        browser.account, browser.session = None, ""
        return self._answer(self._client(browser), browser)

    async def touch(self, request: Request) -> Response:
        browser = self._browser(request)
        if browser.session != request.path_params["sid"]:
            return _refusal(*SIGNED_OUT)
        return self._answer(self._session(browser), browser)

    async def token(self, request: Request) -> Response:
        browser = self._browser(request)
        if browser.session != request.path_params["sid"]:
            return _refusal(*SIGNED_OUT)
        return JSONResponse({"object": "token", "jwt": self._token(browser)})

    async def script(self, request: Request) -> Response:
        package = request.path_params["package"].partition("@")[0]
        path = self.scripts / package / request.path_params["file"]
        return FileResponse(path) if path.exists() else await self.anything(request)

    async def anything(self, request: Request) -> Response:
        self.unknown.append(f"{request.method} {request.url.path}")
        return _refusal(404, "resource_not_found", "not found")

    def _try(self, browser: Browser, password: str) -> Response:
        account = browser.trying
        if account is None or password != account.password:
            return _refusal(*WRONG)
        browser.account, browser.trying = account, None
        browser.session = f"sess_{secrets.token_hex(12)}"
        return self._answer(shapes.sign_in(account, browser.session), browser)

    def _browser(self, request: Request) -> Browser:
        key = request.cookies.get(COOKIE, "")
        if key not in self._browsers:
            key = request.scope.setdefault("new_browser", secrets.token_hex(16))
        return self._browsers.setdefault(key, Browser())

    def _answer(self, response: Any, browser: Browser) -> Response:
        answer = JSONResponse({"response": response, "client": self._client(browser)})
        key = next(key for key, known in self._browsers.items() if known is browser)
        answer.set_cookie(COOKIE, key, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def _client(self, browser: Browser) -> dict[str, Any]:
        sessions = [self._session(browser)] if browser.account else []
        trying = shapes.sign_in(browser.trying) if browser.trying else None
        return shapes.client(browser.id, sessions, trying)

    def _session(self, browser: Browser) -> dict[str, Any]:
        assert browser.account is not None
        return shapes.session(browser.session, browser.account, self._token(browser))

    def _token(self, browser: Browser) -> str:
        assert browser.account is not None
        now = int(time.time())
        return self.forge.token(
            iss=self.issuer,
            azp=self.page,
            sub=browser.account.id,
            sid=browser.session,
            iat=now,
            exp=now + self.token_life,
            email=browser.account.email,
            name=browser.account.name,
        )


def _refusal(status: int, code: str, message: str) -> Response:
    problem = {"code": code, "message": message, "long_message": message, "meta": {}}
    return JSONResponse({"errors": [problem]}, status)
