"""A base for the state of a page that belongs to a person: nobody else may see what it shows."""

import reflex as rx


class PersonalPageState(rx.State, mixin=True):
    """Mixed into a state that has a session; the state implements `_open`.

    `view_state` is `loading` until the person is known. What is shown belongs to `shown_for`.
    `error` is the sentence of a page that could not be loaded.
    """

    view_state: str = "loading"
    shown_for: str = ""
    error: str = ""

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Load the page for a person who is known."""
        if self._who():
            await self._open()

    @rx.event
    async def viewer_arrived(self) -> None:
        """Load the page for the current person."""
        await self._open()

    @rx.event
    async def again_clicked(self) -> None:
        """Load again after an error."""
        await self._open()

    async def _open(self) -> None:
        """Load what the page shows, and remember for whom."""
        raise NotImplementedError
