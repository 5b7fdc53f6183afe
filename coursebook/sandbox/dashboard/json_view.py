"""Stripe objects as text that people can read."""

import json

from coursebook.sandbox.store import Body


def pretty(body: Body) -> str:
    """Return an object as indented JSON, without the sandbox's own notes."""
    seen = {key: value for key, value in body.items() if not key.startswith("_")}
    return json.dumps(seen, indent=2, ensure_ascii=False)
