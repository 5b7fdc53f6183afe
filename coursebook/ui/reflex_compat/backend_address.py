"""Where the browser looks for its server.

Reflex writes host and port into the build (reflex issue 5551), so a build would serve one address
only. Pages, API and socket share one address, regardless of the address at build time.
"""

from coursebook.ui.reflex_compat.text_patches import STATE_JS, TextPatch

SAME_ORIGIN = """\
  const endpoint = new URL(url_str);
  if (typeof window !== "undefined") {
    // coursebook: pages, API and socket share one address, also after a build elsewhere
    const same = new URL(endpoint.pathname + endpoint.search, window.location.origin);
    if (endpoint.protocol.startsWith("ws")) {
      same.protocol = same.protocol === "https:" ? "wss:" : "ws:";
    }
    return same;
  }
"""

PATCHES = (
    TextPatch(
        STATE_JS,
        "the browser calls the origin of its page",
        "  const endpoint = new URL(url_str);\n",
        SAME_ORIGIN,
    ),
)
