"""Disputes on the board: the list, opening one, and closing it as won or lost."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.board_frame import Frame
from coursebook.sandbox.board_lists import listed
from coursebook.sandbox.board_rows import dispute_row
from coursebook.sandbox.timers import run_due
from coursebook.sandbox.world import World


def routes(world: World) -> list[Route]:
    """Return the pages of disputes."""
    frame = Frame(world.options, world.clock)

    async def listing(request: Request) -> Response:
        run_due(world)
        found = listed(world.store, "dispute", request)
        rows = [dispute_row(world, dispute) for dispute in found.rows]
        return frame.show("board_disputes.html", request, rows=rows, paging=found)

    return [Route("/disputes", listing)]
