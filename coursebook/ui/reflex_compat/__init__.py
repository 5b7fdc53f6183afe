"""Everything that relies on the insides of Reflex and React Router: one file a theme.

A private name, a literal event name or a patch of a generated file appears here and nowhere else.
Each file lists its seams: what must be true of the installed Reflex. The files check them when
they are imported, so a product on another Reflex refuses to start with the name of the seam.
`tests/ui/test_reflex_compat.py` checks all of them, and every text patch, and lists what is broken.

| file | to change when Reflex changes |
|---|---|
| `transport.py`, `transport.js` | the socket (bare WebSockets instead of Socket.IO) |
| `hydration.py` | the first event of a page (hydrate inside the connect packet) |
| `events.py` | the names of event handlers, the event queue, what the browser does with an event |
| `state_tree.py` | the tree of states of a tab, and the address that it keeps |
| `state_storage.py` | the managers that keep trees in memory or in Redis |
| `server_rendering.py`, `react_router.mjs`, `routes.js` | the build that React Router makes |
| `bundle.py` | what Vite bundles, the root and the document of the pages |
| `backend_address.py` | where the browser looks for its server |
| `components.py` | components and vars that Reflex exports from inner modules only |
| `exporting.py` | the build of the pages |
| `environment.py` | environment variables, built-in addresses, folders of a build |
"""
