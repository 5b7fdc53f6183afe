"""The hashes of the states' initial values: a page knows one of them all, the server each.

The first event of a page carries a hash for each state, and Reflex answers with the values that
differ from those defaults. Hashes do not compress: those of all states were 0.4 KB in the file of
every page. Here the page sends one hash over them, and the server puts the list in its place.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache

from reflex.state import all_base_state_classes, state_snapshot_hashes

from coursebook.ui.reflex_compat.seams import Seam, require
from coursebook.ui.reflex_compat.state_tree import new_tree, values
from coursebook.ui.reflex_compat.text_patches import CONTEXT_JSX, TextPatch

_LIST = re.compile(r"(?<=export const initialStateHashes = )\[[^\]]*\]")
PATCHES = (TextPatch(CONTEXT_JSX, "a page sends one hash over those of all states", _LIST, "[]"),)


def folded(text: str) -> str:
    """Return `context.jsx` with one hash instead of the list. Raises BrokenSeamError."""
    hashes = json.loads(match[0]) if (match := _LIST.search(text)) else []
    return TextPatch(CONTEXT_JSX, PATCHES[0].why, _LIST, json.dumps([_over(hashes)])).apply(text)


async def unfolded(hashes: Sequence[str]) -> list[str]:
    """Return the hash of each state for the one over them, and any other list as it is."""
    known = _known(len(all_base_state_classes))
    if not known:
        known += state_snapshot_hashes(await values(new_tree()))
    return list(known) if list(hashes) == [_over(known)] else list(hashes)


@cache
def _known(_states: int) -> list[str]:
    """Return the list for so many states, which the first caller fills."""
    return []


def _over(hashes: Sequence[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]


SEAMS = (
    Seam(
        "the hashes of a snapshot of all states",
        "a page sends one hash over them",
        lambda: len(state_snapshot_hashes({"a": {}, "b": {"c": 1}})) == len(("names", "a", "b")),
    ),
)
require(SEAMS)
