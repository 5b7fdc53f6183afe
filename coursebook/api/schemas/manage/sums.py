"""A sum that may be negative."""

from pydantic import Field

from coursebook.api.schemas.models import ResponseModel


class Sum(ResponseModel):
    """A sum of money in integer minor units. It may be negative."""

    amount: int
    currency: str = Field(description="Lower-case ISO 4217.")
