"""The product without its pages, as a process that kills itself at a chosen point.

Settings come from the environment as in production. `FUZZ_DIE_AT` is one place where the program
kills itself (SIGKILL: nothing is cleaned up), such as `checkout commit 1 before`: during a
checkout, before its first commit. Operations: checkout, webhook, worker, other. Kinds: commit,
stripe, mail. `FUZZ_AHEAD` moves its clock on by that many seconds.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import uvicorn
from sqlalchemy.orm import Session

from coursebook.api.app import build_api
from coursebook.log import set_up_logging
from coursebook.mail.smtp import SmtpSender
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.settings import load_settings
from coursebook.wiring import opened
from coursebook.worker.loop import _rounds

OPERATIONS = {"/api/stripe/checkout": "checkout", "/api/stripe/webhook": "webhook"}
OPERATION: ContextVar[str] = ContextVar("operation", default="other")
STRIPE_CALLS = (
    "create_session",
    "session",
    "expire_session",
    "find_session",
    "session_of_payment",
    "refund",
    "refunds_of",
    "disputes_of",
)


class Killer:
    """Counts commits, Stripe calls and mails per operation; kills the process at one of them."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._counted: Counter[tuple[str, str]] = Counter()

    def before(self, what: str) -> int:
        """Count one operation and return its number."""
        self._counted[OPERATION.get(), what] += 1
        number = self._counted[OPERATION.get(), what]
        self.look(what, number, "before")
        return number

    def look(self, what: str, number: int, side: str) -> None:
        if f"{OPERATION.get()} {what} {number} {side}" == self._where:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_commits(self) -> None:
        """Watch every transaction that writes."""

        @sa.event.listens_for(Session, "before_commit")
        def _before(session: Session) -> None:
            if _writes(session):
                session.info["fuzz"] = self.before("commit")

        @sa.event.listens_for(Session, "after_commit")
        def _after(session: Session) -> None:
            if _writes(session):
                self.look("commit", session.info["fuzz"], "after")

    def watched(self, what: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        """Wrap a call with a kill point before and after it."""

        async def watching(*args: Any, **more: Any) -> Any:
            number = self.before(what)
            try:
                return await call(*args, **more)
            finally:
                self.look(what, number, "after")

        return watching


def _writes(session: Session) -> bool:
    # Only the writing pool has room for one connection (SQLite), or may write (PostgreSQL).
    return bool(session.info.get("writes"))


async def _mark_writing(database: Any) -> None:
    database.write_session.configure(info={"writes": True})


class OperationMiddleware:
    """ASGI: remembers which operation a request belongs to."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        token = OPERATION.set(OPERATIONS.get(scope.get("path", ""), "other"))
        try:
            await self._app(scope, receive, send)
        finally:
            OPERATION.reset(token)


def _ahead() -> Callable[[], datetime]:
    by = timedelta(seconds=float(os.environ.get("FUZZ_AHEAD", "0")))
    return lambda: datetime.now(UTC) + by


@asynccontextmanager
async def product(killer: Killer) -> AsyncIterator[None]:
    """Open services and worker, as `coursebook.worker.loop.lifespan` does."""
    settings = load_settings()
    set_up_logging(as_json=True, level=settings.log_level)
    gateway = StripeGateway(
        settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_address
    )
    for name in STRIPE_CALLS:
        setattr(gateway, name, killer.watched("stripe", getattr(gateway, name)))
    send = SmtpSender.send

    async def sends(self: SmtpSender, *args: Any, **more: Any) -> None:
        await killer.watched("mail", lambda: send(self, *args, **more))()

    SmtpSender.send = sends  # type: ignore[method-assign]
    killer.watch_commits()
    async with opened(settings, clock=_ahead(), gateway=gateway) as services:
        await _mark_writing(services.context.database)
        OPERATION.set("worker")
        worker = asyncio.create_task(_rounds(services))
        OPERATION.set("other")
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


async def main(port: int) -> None:
    """Serve until ended."""
    async with product(Killer(os.environ.get("FUZZ_DIE_AT", ""))):
        config = uvicorn.Config(
            OperationMiddleware(build_api()),
            port=port,
            lifespan="off",
            ws="none",
            log_config=None,
            backlog=2048,
        )
        await uvicorn.Server(config).serve()
