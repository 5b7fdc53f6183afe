"""The services of this process, as a dependency of the routes."""

from typing import Annotated

from fastapi import Depends

from coursebook.errors import Unavailable
from coursebook.wiring import Services, services


async def the_services() -> Services:
    """Return the container. Raises Unavailable until startup has finished.

    Async, since a sync dependency would run in a thread.
    """
    try:
        return services()
    except RuntimeError:
        raise Unavailable("We are still starting. Please try again in a moment.") from None


TheServices = Annotated[Services, Depends(the_services)]
