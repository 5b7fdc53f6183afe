"""Who is signed in, on the board: sessions of browsers, and ending them from here."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route
from coursebook.sandbox.dashboard.frame import POLICY, Frame
from coursebook.sandbox.dashboard.labels import Standing
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.sign_in.accounts import PEOPLE, Person, person_of
from coursebook.sandbox.sign_in.cors import origin_of
from coursebook.sandbox.sign_in.sessions import KIND, SESSION_SECONDS, SignIns
from coursebook.sandbox.store import Body, Filter

ENDED = {
    "active": Standing("Expired after a week", "calm"),
    "ended": Standing("Signed out", "calm"),
    "revoked": Standing("Ended from here", "bad"),
    "replaced": Standing("Replaced by another person", "calm"),
}
TABS = {"": "Signed in", "all": "Ended too"}


@dataclass(frozen=True)
class SignInRow:
    """One session of one browser."""

    session: Body
    person: Person
    standing: Standing
    lives: bool
    ends: int


def routes(world: Context) -> list[Route]:
    """Return the page of sessions and its form."""
    frame = Frame(world.options, world.clock)
    sign_ins = SignIns(world.store, world.clock)
    # Browsers apply `form-action` to the redirect too, which leads to the product.
    product = origin_of(world.options.product_url)
    policy = POLICY.replace("form-action 'self'", f"form-action 'self' {product}")

    def page(request: Request, problem: str = "") -> Response:
        everything = request.query_params.get("status") == "all"
        found = listed(world.store, KIND, request, _wanted(world, everything=everything))
        rows = [_row(sign_ins, session) for session in found.rows]
        return frame.show(
            "board_sign_ins.html",
            request,
            policy=policy,
            problem=problem,
            rows=rows,
            paging=found,
            chosen="all" if everything else "",
            tabs=TABS,
            people=PEOPLE,
        )

    async def listing(request: Request) -> Response:
        return page(request)

    async def revoke(_world: Context, _fields: Fields, key: str) -> str:
        if not sign_ins.end(key, "revoked"):
            raise StripeRefusal("This session has ended already.")
        return "/sign-ins?done=revoked"

    return [Route("/sign-ins", listing), form_route(world, "/sign-ins/{key}/end", revoke, page)]


def _wanted(world: Context, *, everything: bool) -> Filter:
    if everything:
        return Filter()
    oldest = int(world.clock.real_now()) - SESSION_SECONDS
    return Filter(status="active", created=(("gt", oldest),))


def _row(sign_ins: SignIns, session: Body) -> SignInRow:
    lives = sign_ins.lives(session)
    word = Standing("Signed in", "good") if lives else ENDED[session["status"]]
    ends = session["created"] + SESSION_SECONDS
    return SignInRow(session, person_of(session["email"]), word, lives, ends)
