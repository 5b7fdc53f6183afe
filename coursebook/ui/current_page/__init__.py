"""Which page this tab is on: an event and its answer have no effect on another one.

`place.js` keeps it in the browser; `build_plugin.py` makes Reflex's own script ask it. The server's
half is `states/place.py`.
"""

import reflex as rx

_FILE = rx.asset("whereabouts.jsx", shared=True)


class Whereabouts(rx.Component):
    """Tells `place.js` that a navigation is under way; mounted once, around the pages."""

    library = _FILE.importable_path
    tag = "Whereabouts"


whereabouts = Whereabouts.create
