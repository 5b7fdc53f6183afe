"""The routes of the lists of payments, refunds and payouts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.money_lists import MoneyMovements, PayoutDetails, Payouts
from coursebook.api.schemas.parameters import PageParameters
from coursebook.errors import (
    Forbidden,
    Invalid,
    PayoutNotFound,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(tags=["Reports"])
PROBLEMS = (Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable)
Page = Annotated[PageParameters, Query()]
PayoutId = Annotated[str, Path(max_length=255)]


@router.get(
    "/api/manage/payments",
    operation_id="listPayments",
    summary="List the payments by card",
    responses=problem_responses(*PROBLEMS),
)
async def list_payments(who: SignedIn, page: Page, services: TheServices) -> MoneyMovements:
    """Each with Stripe's fee and the payout that it went into, the newest first."""
    lists = services.bookkeeping.money_lists
    return MoneyMovements.model_validate(await lists.payments(who, page.limit, page.cursor))


@router.get(
    "/api/manage/refunds",
    operation_id="listRefunds",
    summary="List the refunds to cards",
    responses=problem_responses(*PROBLEMS),
)
async def list_refunds(who: SignedIn, page: Page, services: TheServices) -> MoneyMovements:
    """Also those that failed, the newest first."""
    lists = services.bookkeeping.money_lists
    return MoneyMovements.model_validate(await lists.refunds(who, page.limit, page.cursor))


@router.get(
    "/api/manage/payouts",
    operation_id="listPayouts",
    summary="List what Stripe sent to the bank",
    responses=problem_responses(*PROBLEMS),
)
async def list_payouts(who: SignedIn, page: Page, services: TheServices) -> Payouts:
    """The newest first."""
    lists = services.bookkeeping.money_lists
    return Payouts.model_validate(await lists.payouts(who, page.limit, page.cursor))


@router.get(
    "/api/manage/payouts/{payout_id}",
    operation_id="getPayout",
    summary="Get a payout with what is in it",
    responses=problem_responses(*PROBLEMS, PayoutNotFound),
)
async def get_payout(who: SignedIn, payout_id: PayoutId, services: TheServices) -> PayoutDetails:
    """Its payments and refunds; their `net` and `other` add up to its amount."""
    details = await services.bookkeeping.money_lists.payout(who, payout_id)
    return PayoutDetails.model_validate(details)
