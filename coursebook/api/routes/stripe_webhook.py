"""The route for Stripe's webhooks. It answers 200 only once the event is stored.

docs/architecture.md, "What may never break", rule 8.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Request

from coursebook.api.dependencies.services import TheServices
from coursebook.api.problems.http_errors import BadSignature, TooSlow
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.models import Received
from coursebook.errors import TooLarge, Unavailable
from coursebook.log import get_logger
from coursebook.payments.gateway import BadWebhook

log = get_logger(__name__)
router = APIRouter(tags=["Webhook"])

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
        Header(alias="Stripe-Signature", description="`t=…,v1=…`; an invalid one gives 400."),
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
