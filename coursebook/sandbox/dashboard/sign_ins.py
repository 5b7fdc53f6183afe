"""Sign-in sessions on the dashboard: the list, and ending one."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route
from coursebook.sandbox.dashboard.frame import POLICY, Frame
from coursebook.sandbox.dashboard.labels import StatusLabel
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.sign_in.accounts import PEOPLE, Person, person_of
from coursebook.sandbox.sign_in.cors import origin_of
from coursebook.sandbox.sign_in.sessions import KIND, SESSION_SECONDS, SignIns
from coursebook.sandbox.store import Body, Filter

ENDED = {
    "active": StatusLabel("Expired after a week", "calm"),
    "ended": StatusLabel("Signed out", "calm"),
    "revoked": StatusLabel("Ended from here", "bad"),
    "replaced": StatusLabel("Replaced by another person", "calm"),
}
TABS = {"": "Signed in", "all": "Ended too"}


@dataclass(frozen=True)
class SignInRow:
    """One session of one browser."""

    session: Body
    person: Person
    status_label: StatusLabel
    is_active: bool
    expires_at: int


def routes(context: Context) -> list[Route]:
    """Return the list of sessions and its forms."""
    frame = Frame(context.options, context.clock)
    sign_ins = SignIns(context.store, context.clock)
    # Browsers apply `form-action` to the redirect to the product too.
    product = origin_of(context.options.product_url)
    policy = POLICY.replace("form-action 'self'", f"form-action 'self' {product}")

    def page(request: Request, problem: str = "") -> Response:
        include_ended = request.query_params.get("status") == "all"
        paging = listed(context.store, KIND, request, _filter(context, include_ended=include_ended))
        rows = [_row(sign_ins, session) for session in paging.rows]
        return frame.show(
            "dashboard_sign_ins.html",
            request,
            policy=policy,
            problem=problem,
            rows=rows,
            paging=paging,
            chosen="all" if include_ended else "",
            tabs=TABS,
            people=PEOPLE,
        )

    async def listing(request: Request) -> Response:
        return page(request)

    async def revoke(_context: Context, _fields: Fields, key: str) -> str:
        if not sign_ins.end(key, "revoked"):
            raise StripeRefusal("This session has ended already.")
        return "/sign-ins?done=revoked"

    return [Route("/sign-ins", listing), form_route(context, "/sign-ins/{key}/end", revoke, page)]


def _filter(context: Context, *, include_ended: bool) -> Filter:
    if include_ended:
        return Filter()
    oldest = int(context.clock.real_now()) - SESSION_SECONDS
    return Filter(status="active", created=(("gt", oldest),))


def _row(sign_ins: SignIns, session: Body) -> SignInRow:
    is_active = sign_ins.is_active(session)
    label = StatusLabel("Signed in", "good") if is_active else ENDED[session["status"]]
    expires_at = session["created"] + SESSION_SECONDS
    return SignInRow(session, person_of(session["email"]), label, is_active, expires_at)
