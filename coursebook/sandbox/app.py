"""Build the Starlette application of the sandbox."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from coursebook.sandbox.checkout_page.page import PaymentPage
from coursebook.sandbox.clock import Clock
from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard import home
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.mailbox.smtp_server import Mailbox
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.sign_in import routes as sign_in
from coursebook.sandbox.store import Store
from coursebook.sandbox.stripe import balance
from coursebook.sandbox.stripe.api import RAW_SEND, Api
from coursebook.sandbox.stripe.payouts import keep_schedule
from coursebook.sandbox.stripe.timers import tick
from coursebook.sandbox.test_controls import routes as test_controls
from coursebook.sandbox.webhook_delivery import endpoints
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery

DATABASE = "sandbox.db"
HERE = Path(__file__).parent
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]  # against DNS rebinding


class Sandbox(Starlette):
    """Starlette that leaves the server's `send` in the scope, for faults that reset connections."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        scope[RAW_SEND] = send
        await super().__call__(scope, receive, send)


def build_app(options: SandboxOptions) -> Sandbox:
    """Return the ASGI application; it opens `sandbox.db` in the data folder."""
    store = Store(options.data_dir / DATABASE)
    clock = Clock(store)
    context = Context(options, store, clock, WebhookDelivery(options, store, clock), Faults())
    balance.backfill_totals(context)
    keep_schedule(context)
    endpoints.configure(store, options, clock.seconds())
    mailbox = Mailbox(options, store, clock)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await mailbox.start()
        await context.deliveries.start()
        timer = asyncio.create_task(tick(context))
        try:
            yield
        finally:
            timer.cancel()
            with suppress(asyncio.CancelledError):
                await timer
            await context.deliveries.stop()
            await mailbox.stop()
            store.close()

    return Sandbox(
        routes=[
            Route("/healthz", _healthy),
            Mount("/static", StaticFiles(directory=HERE / "static")),
            *home.routes(context),
            *PaymentPage(context).routes(),
            *sign_in.routes(options, store, clock),
            *(test_controls.routes(context) if options.test_controls else ()),
            Mount("/v1", Api(context)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=ALLOWED_HOSTS)],
        lifespan=lifespan,
    )


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})
