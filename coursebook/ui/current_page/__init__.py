"""The current page of the tab: an event and its answer have no effect on another page.

`place.js` tracks it in the browser; `build/same_origin.py` makes Reflex's own script check it. The
server's half is `states/page_binding.py`.
"""

import reflex as rx

_FILE = rx.asset("whereabouts.jsx", shared=True)


class Whereabouts(rx.Component):
    """Reports navigations to `place.js`; mounted once, around the pages."""

    library = _FILE.importable_path
    tag = "Whereabouts"


whereabouts = Whereabouts.create
