"""A base for the state of a page that loads something, for pages of a school."""

import reflex as rx

from coursebook.ui.states.error_messages import sentence_of


class PageState(rx.State, mixin=True):
    """Mixed into a state that has a session: `class TeachersState(PageState, SessionState)`.

    `view_state` is `loading`, `content`, `missing` or `error`. The page implements `_load`, which
    reads what it shows through the services; an exception becomes the sentence in `error`. For an
    address that shows nothing `_load` sets `view_state` to `missing`: the page is a 404 then.
    """

    view_state: str = "loading"
    error: str = ""

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Load the page of the address."""
        await self._open()

    @rx.event
    async def again_clicked(self) -> None:
        """Load again after an error."""
        await self._open()

    async def _open(self) -> None:
        self._share(self._page())
        self.error, self.view_state = "", "content"
        try:
            await self._load()
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
        if self.view_state == "missing":
            self.canonical = ""

    async def _load(self) -> None:
        """Read what the page shows into the variables of the state."""
        raise NotImplementedError
