"""Pages with their live content in the HTML: for readers without JavaScript, and to show at once.

A small Node program (`server.mjs`, one for each host) draws the very components that the browser
runs. `loaders.py` decides what they show, `renderer.py` asks for it, `middleware.py` answers the
browser. Whatever goes wrong on the way, the browser gets the static shell and loads as ever.
"""
