"""The route for Stripe's webhooks. It answers 200 only once the event is stored.

docs/architecture.md, "What may never break", rule 8.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from coursebook.api.dependencies.services import TheServices, the_services
from coursebook.api.problems.http_errors import BadSignature, TooSlow
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.models import Received
from coursebook.errors import TooLarge, Unavailable
from coursebook.log import get_logger
from coursebook.payments.gateway import BadWebhook

log = get_logger(__name__)
SIGNATURE = "Stripe-Signature"


class PlainRoute(APIRoute):
    """Passes a request straight to `receive_event`, whose parameters describe it.

    FastAPI's own way to an endpoint was 30 % of the processor time of a stored event.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as FastAPI's
        super().__init__(*args, **kwargs)
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        signature = request.headers.get(SIGNATURE)
        received: Received = await self.endpoint(request, await the_services(), signature)
        answer = Response(received.model_dump_json(), media_type="application/json")
        await answer(scope, receive, send)


router = APIRouter(tags=["Webhook"], route_class=PlainRoute)

_RAW_EVENT = {
    "requestBody": {
        "required": True,
        "description": "A Stripe event, signed over its exact bytes.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.post(
    "/api/stripe/webhook",
    operation_id="receiveStripeEvent",
    summary="Receive a Stripe event",
    responses=problem_responses(BadSignature, TooLarge, TooSlow, Unavailable),
    openapi_extra=_RAW_EVENT,
)
async def receive_event(
    request: Request,
    services: TheServices,
    signature: Annotated[
        str | None,
        Header(alias=SIGNATURE, description="`t=…,v1=…`; an invalid one gives 400."),
    ] = None,
) -> Received:
    """Store an event and answer 200, also for a repeated event or one of another program.

    503 when it could not be stored: Stripe then retries.
    """
    try:
        await services.webhooks.receive(await request.body(), signature)
    except BadWebhook as error:
        log.warning("webhook.refused", reason=str(error))
        raise BadSignature from error
    return Received()
