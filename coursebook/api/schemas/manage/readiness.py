"""Response bodies of the list "Ready to sell"."""

from typing import Literal

from pydantic import Field

from coursebook.api.schemas.models import ResponseModel


class ReadyPoint(ResponseModel):
    """One point of the list."""

    name: Literal[
        "school",
        "webhook",
        "mail",
        "published",
        "picture",
        "terms",
        "second_person",
        "test_booking",
    ]
    is_done: bool


class Readiness(ResponseModel):
    """What a school needs before it can sell."""

    points: list[ReadyPoint] = Field(description="In the order in which a page shows them.")
