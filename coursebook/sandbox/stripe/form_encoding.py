"""Decode Stripe's bracketed form encoding: `a[b][0][c]=1` is `{"a": {"b": {"0": {"c": "1"}}}}`.

The parameter table decides whether `{"0": …}` is a list: metadata may have a key "0" too.
"""

import re
from typing import Any
from urllib.parse import parse_qsl

from coursebook.sandbox.errors import bad_parameter

Form = dict[str, Any]

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
MAX_FIELDS = 5000
MAX_DEPTH = 8


def decode(text: str) -> Form:
    """Return the nested form; leaves are strings. Raises `StripeRefusal` if it is malformed."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise bad_parameter("The request has too many parameters.", "") from None
    root: Form = {}
    for name, value in pairs:
        _insert(root, name, value)
    return root


def _insert(root: Form, name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    if match is None or match[2].count("[") > MAX_DEPTH:
        raise bad_parameter(f"Invalid parameter name: {name[:100]}", name[:100])
    path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    node = root
    for part in path[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise bad_parameter(f"Invalid object: {name[:100]}", name[:100])
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise bad_parameter(f"Invalid object: {name[:100]}", name[:100])
    node[last] = value
