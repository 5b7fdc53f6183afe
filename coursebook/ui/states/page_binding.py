"""The binding of a background handler to the page and the person that it was called for.

A background handler takes its binding first (`SessionState._page_binding`), checks `_is_still_at`
before it writes anything, and redirects with `PageBinding.go`. The browser checks again
(`ui/current_page/navigation.js`): only it knows about a navigation that has not reached the server
yet.
"""

from dataclasses import dataclass, replace

import reflex as rx

from coursebook.ui.reflex_compat.components import event_argument

PAGE = "page"
"""The argument that names the page; `navigation.js` reads it."""


@dataclass(frozen=True)
class PageBinding:
    """A page of one tab: its path, with the query where that is part of its identity."""

    page: str
    viewer: str

    def go(self, address: str, *, instead: bool = False) -> rx.event.EventSpec:
        """Return a redirect from this page only; with `instead` it replaces the history entry."""
        return self._from_here(rx.redirect(address, replace=instead))

    def give(self, data: bytes, name: str, media_type: str) -> rx.event.EventSpec:
        """Return the download of a file, on this page only."""
        return self._from_here(rx.download(data=data, filename=name, mime_type=media_type))

    def _from_here(self, event: rx.event.EventSpec) -> rx.event.EventSpec:
        return replace(event, args=(*event.args, event_argument(PAGE, self.page)))
