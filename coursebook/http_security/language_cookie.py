"""The language that a visitor has chosen, put before those that the browser asks for.

Everything behind this reads Accept-Language alone, so pages and their states agree.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from coursebook.api.routes.language import CODE, COOKIE

_CHOICE = re.compile(rf"(?:^|;\s*){COOKIE}=({CODE})\s*(?:;|$)".encode())
_ACCEPTED = b"accept-language"

Scope = MutableMapping[str, Any]


def in_chosen_language(scope: Scope) -> Scope:
    """Return a request whose Accept-Language begins with the language of the cookie, if any."""
    headers = scope.get("headers", ())
    cookies = b"; ".join(value for name, value in headers if name.lower() == b"cookie")
    choice = _CHOICE.search(cookies)
    if choice is None:
        return scope
    accepted = b", ".join(value for name, value in headers if name.lower() == _ACCEPTED)
    chosen = b", ".join(part for part in (choice[1], accepted) if part)
    others = [(name, value) for name, value in headers if name.lower() != _ACCEPTED]
    return {**scope, "headers": [*others, (_ACCEPTED, chosen)]}
