"""Events on the dashboard: the list, one event with its deliveries, and resending it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard.actions import Fields, form_route, use_control
from coursebook.sandbox.dashboard.frame import Frame, as_json_text
from coursebook.sandbox.dashboard.labels import OF_DELIVERY, StatusLabel, status_label
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.dashboard.rows import DELIVERY, event_row
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.webhook_delivery.endpoints import endpoints_for

MAX_DELIVERIES = 50
STATUSES = {"": "All", "undelivered": "Not delivered yet", "delivered": "Delivered"}


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery of an event with its status and all responses."""

    id: str
    status_label: StatusLabel
    url: str
    answers: list[Body]
    next_at: float | None


def routes(context: Context) -> list[Route]:
    """Return the pages and forms of events."""
    frame = Frame(context.options, context.clock)

    async def listing(request: Request) -> Response:
        run_due(context)
        query = request.query_params
        status = query.get("status", "") if query.get("status") in STATUSES else ""
        kind = query.get("type", "").strip()
        only = Filter(status=status or None, parent=kind or None)
        paging = listed(context.store, "event", request, only)
        rows = [event_row(context, event) for event in paging.rows]
        return frame.show(
            "dashboard_events.html",
            request,
            rows=rows,
            paging=paging,
            chosen=status,
            tabs=STATUSES,
            kind=kind,
        )

    def page(request: Request, problem: str = "") -> Response:
        event = context.store.get("event", request.path_params["key"])
        if event is None:
            return frame.show("dashboard_missing.html", request, status=404, noun="event")
        return frame.show(
            "dashboard_event.html",
            request,
            problem=problem,
            event=event,
            row=event_row(context, event),
            deliveries=[_delivery_row(each) for each in _deliveries(context, event)],
            body=as_json_text(event),
            holds=context.deliveries.mode.name == "hold",
            has_endpoint=bool(endpoints_for(context.store, event["type"])),
        )

    async def detail(request: Request) -> Response:
        run_due(context)
        return page(request)

    return [
        Route("/events", listing),
        Route("/events/{key}", detail),
        form_route(context, "/events/{key}/resend", _resend, page),
    ]


def _deliveries(context: Context, event: Body) -> list[Body]:
    return context.store.find(DELIVERY, Filter(parent=event["id"]), limit=MAX_DELIVERIES)


def _delivery_row(delivery: Body) -> DeliveryRow:
    return DeliveryRow(
        delivery["id"],
        status_label(OF_DELIVERY, delivery["state"]),
        delivery["url"],
        delivery["answers"],
        delivery["next_at"] if delivery["state"] == "waiting" else None,
    )


async def _resend(context: Context, _fields: Fields, key: str) -> str:
    await use_control(context, "events/resend", id=key)
    return f"/events/{key}?done=resent"
