"""How often a course is saved when its slug is taken."""

import pytest
from sqlalchemy.exc import IntegrityError

from coursebook.services.manage.course_slugs import SlugTaken
from coursebook.services.manage.course_writes import MAX_TRIES, trying_slugs


class Saving:
    """Counts the transactions, each of which fails."""

    def __init__(self, error: Exception) -> None:
        self.error, self.count = error, 0

    async def __call__(self) -> None:
        self.count += 1
        raise self.error


def _errors() -> list[Exception]:
    return [SlugTaken(), IntegrityError("", {}, Exception("UNIQUE constraint: course.slug"))]


@pytest.mark.parametrize("error", _errors(), ids=["seen", "refused by the database"])
@pytest.mark.parametrize(("entered", "count"), [("raku", 1), (None, MAX_TRIES), ("", MAX_TRIES)])
async def test_only_a_slug_made_of_the_title_is_tried_again(
    error: Exception, entered: str | None, count: int
):
    saving = Saving(error)
    with pytest.raises(SlugTaken):
        await trying_slugs(saving, entered)
    assert saving.count == count
