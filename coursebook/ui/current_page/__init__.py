"""The current page of the tab: an event and its answer have no effect on another page.

`navigation.js` tracks it in the browser; `build/same_origin.py` makes Reflex's own script check
it. The server's half is `states/page_binding.py`.
"""

import reflex as rx

from coursebook.browser_files import browser_file

_FILE = browser_file(__name__, "page_loader.jsx")


class PageLoader(rx.Component):
    """Prefetches other pages and reloads documents; mounted once, around the pages."""

    library = _FILE
    tag = "PageLoader"


page_loader = PageLoader.create
