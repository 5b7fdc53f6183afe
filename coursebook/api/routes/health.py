"""Liveness and readiness of the process."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from coursebook.api.dependencies.services import TheServices
from coursebook.api.problems.documents import problem_response
from coursebook.api.reference.describe import problem_responses
from coursebook.api.schemas.models import Health, Ready
from coursebook.errors import Unavailable
from coursebook.log import get_logger

log = get_logger(__name__)
router = APIRouter(tags=["Operations"])

_NOT_READY: dict[int | str, dict[str, Any]] = problem_responses(Unavailable)
_NOT_READY[503]["description"] = "`unavailable`, with the same `parts` as an additional member."


@router.get("/api/health", operation_id="health", summary="Check that the process is up")
async def health() -> Health:
    """Whether the process responds. It checks nothing else."""
    return Health()


@router.get(
    "/api/ready",
    operation_id="ready",
    summary="Check that all parts work",
    response_model=Ready,
    responses=_NOT_READY,
)
async def ready(services: TheServices) -> JSONResponse:
    """Checks the database, its migrations, Redis if it is used, and the worker's heartbeat."""
    view = await services.health.ready()
    if view.is_ready:
        return JSONResponse(Ready(parts=view.parts).model_dump())
    log.debug(
        "readiness.failed", parts=view.parts
    )  # at every start, until the worker's first round
    return problem_response(Unavailable("A part does not answer."), parts=view.parts)
