"""`coursebook team invite`: an invitation whose link is handed over by hand."""

from collections.abc import Sequence

from coursebook.errors import Invalid
from coursebook.run.commands.database import run_with_context
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.services.context import Context
from coursebook.services.manage.invitations import invite_by_link


def print_invitation(email: str, role: str, courses: Sequence[str]) -> None:
    """Print the link of a new invitation. Raises CannotStart with one sentence."""

    async def invite(context: Context) -> str:
        try:
            link, until = await invite_by_link(context, email, role, courses)
        except Invalid as error:
            raise CannotStart(error.errors[0].detail) from None
        return f"{link}\nIt works once, until {until:%Y-%m-%d %H:%M} UTC."

    print(run_with_context(settings_or_sentence(), invite))
