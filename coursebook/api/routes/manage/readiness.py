"""The routes of the list "Ready to sell"."""

from fastapi import APIRouter

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.manage.readiness import Readiness
from coursebook.errors import Forbidden, RateLimited, Unauthenticated, Unavailable

router = APIRouter(tags=["Team and settings"])
REFUSALS = problem_responses(Unauthenticated, Forbidden, RateLimited, Unavailable)


@router.get(
    "/api/manage/readiness",
    operation_id="getReadiness",
    summary="See what is missing before the school can sell",
    responses=REFUSALS,
)
async def get_readiness(who: SignedIn, services: TheServices) -> Readiness:
    """Eight points, each of which checks itself. For people who may write courses."""
    return Readiness.model_validate({"points": await services.readiness.points(who)})


@router.post(
    "/api/manage/readiness/terms",
    operation_id="lookAtTerms",
    summary="Note that somebody looked at the usual cancellation terms",
    responses=REFUSALS,
)
async def look_at_terms(who: SignedIn, services: TheServices) -> Readiness:
    """Makes the point `terms` done, and answers with all points. A second call is no error."""
    await services.readiness.look_at_terms(who)
    return Readiness.model_validate({"points": await services.readiness.points(who)})
