"""The sandbox's own start page: what has been going on, newest first."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.pages import page
from coursebook.sandbox.timers import run_due
from coursebook.sandbox.world import World

ROWS = 25


def routes(world: World) -> list[Route]:
    """Return the start page."""

    async def opened(_request: Request) -> Response:
        run_due(world)
        return page(
            "home.html",
            sessions=world.store.find("checkout.session", limit=ROWS),
            events=world.store.find("event", limit=ROWS),
            deliveries=world.courier.all(ROWS),
            product=world.options.product_url,
            now=_written(world.clock.now()),
            ahead=round(world.clock.offset / 60),
            written=_written,
        )

    return [Route("/", opened)]


def _written(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d %b %Y, %H:%M:%S UTC")
