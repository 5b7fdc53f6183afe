"""The response to the upload of a picture."""

from pydantic import Field

from coursebook.api.schemas.models import ResponseModel


class Picture(ResponseModel):
    """A stored picture, as WebP in two sizes."""

    image: str = Field(
        validation_alias="address",
        description="The path of the large file, at most 1600 by 1000 pixels.",
        examples=["/media/0f3b5b2c9a1d4e8f7a6b5c4d3e2f1a0b.webp"],
    )
    small_image: str = Field(
        validation_alias="small_address",
        description="The path of the small file, at most 800 by 500 pixels.",
    )
    width: int = Field(ge=1, description="Pixels of the large file.")
    height: int = Field(ge=1)
