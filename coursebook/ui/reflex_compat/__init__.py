"""Everything that relies on internals of Reflex and React Router, one file for each topic.

A private name, a literal event name or a patch of a generated file appears here and nowhere else.
Each file lists its seams: the facts about the installed Reflex that it relies on. They are checked
at import, so that with another Reflex the product refuses to start and names the seam.
`tests/ui/test_reflex_compat.py` checks all seams and text patches, and lists the broken ones.

| file | to change when Reflex changes |
|---|---|
| `late_states.py`, `late_states.js` | initial values of states that only some pages have |
| `initial_hashes.py` | the hashes by which a page says which initial values it has |
| `transport.py`, `transport.js` | the socket (bare WebSockets instead of Socket.IO) |
| `hydration.py` | the first event of a page (hydrate inside the connect packet) |
| `events.py` | the names of event handlers, the event queue, what the browser does with an event |
| `state_tree.py` | the tree of states of a tab, and the address that it keeps |
| `state_storage.py` | the managers that keep trees in memory or in Redis |
| `server_rendering.py`, `react_router.mjs`, `routes.js` | the build that React Router makes |
| `route_manifest.py` | the list of routes that every page loads |
| `bundle.py` | what Vite bundles, the root and the document of the pages |
| `backend_address.py` | where the browser looks for its server |
| `components.py` | components and vars that Reflex exports from inner modules only |
| `page_build.py` | the build of the pages |
| `environment.py` | environment variables, built-in addresses, folders of a build |
"""
