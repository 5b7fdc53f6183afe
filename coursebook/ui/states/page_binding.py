"""Where an answer belongs: the page, and the person who was there, when it was asked for.

A handler that works beside others notes its place first (`SessionState._place`), asks
`_is_still_at` before it writes anything, and sends the browser on with `Place.go`. The browser
looks once more (`ui/current_page/place.js`): it alone knows of a click that is still on its way.
"""

from dataclasses import dataclass, replace

import reflex as rx

from coursebook.ui.reflex_compat.components import event_argument

PAGE = "page"
"""The argument that names the page; `place.js` reads it."""


@dataclass(frozen=True)
class PageBinding:
    """A page of one tab: its path, with the query where that says what the page is about."""

    page: str
    viewer: str

    def go(self, address: str, *, instead: bool = False) -> rx.event.EventSpec:
        """Return the way to an address, from this page alone; `instead` of it in the history."""
        return self._from_here(rx.redirect(address, replace=instead))

    def give(self, data: bytes, name: str, media_type: str) -> rx.event.EventSpec:
        """Return the download of a file, on this page alone."""
        return self._from_here(rx.download(data=data, filename=name, mime_type=media_type))

    def _from_here(self, event: rx.event.EventSpec) -> rx.event.EventSpec:
        return replace(event, args=(*event.args, event_argument(PAGE, self.page)))
