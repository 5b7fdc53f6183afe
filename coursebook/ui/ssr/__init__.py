"""Server rendering: pages with their content in the HTML, for a fast first paint and crawlers.

A small Node program (`server.mjs`, one for each host) renders the same components as the browser.
`loaders.py` loads the state of a page, `renderer.py` calls the program, `middleware.py` answers the
browser. After any failure the browser gets the static shell and loads the content itself.
"""
