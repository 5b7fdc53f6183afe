"""The services of this process, as a dependency of the calls."""

from typing import Annotated

from fastapi import Depends

from coursebook.wiring import Services, services


async def the_services() -> Services:
    """Return the container. Async, since a sync dependency would run in a thread."""
    return services()


TheServices = Annotated[Services, Depends(the_services)]
