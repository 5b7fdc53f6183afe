"""A page sends one hash over the initial values of all states, and gets only what it lacks."""

import json

import reflex as rx
from reflex.compiler.utils import _compile_initial_state
from reflex.state import state_snapshot_hashes
from reflex_base.event import Event

from coursebook.coursebook import app
from coursebook.ui.middleware.initial_hashes import InitialHashes
from coursebook.ui.reflex_compat.hydration import FIRST_EVENT, HASHES
from coursebook.ui.reflex_compat.initial_hashes import folded
from coursebook.ui.reflex_compat.text_patches import CONTEXT_JSX
from tests.ui.generated import generated
from tests.ui.tabs import Tab

EMPTY = "export const initialStateHashes = []"


def built() -> tuple[list[str], list[str]]:
    """Return the hashes in Reflex's context, and those in ours."""
    hashes = state_snapshot_hashes(json.loads(_compile_initial_state(rx.State)[1]))
    whole = generated(CONTEXT_JSX).replace(EMPTY, f"{EMPTY[:-2]}{json.dumps(hashes)}")
    text = folded(whole)
    return hashes, json.loads(text.partition(EMPTY[:-2])[2].partition("\n")[0].rstrip(";"))


async def sent_by(page: list[str]) -> list[str]:
    event = Event(name=FIRST_EVENT, payload={HASHES: page})
    assert await InitialHashes().preprocess(app, Tab("/courses").root, event) is None
    return event.payload[HASHES]


async def test_the_server_knows_the_hashes_behind_that_of_its_own_build():
    hashes, page = built()
    assert len(page) == 1
    assert await sent_by(page) == hashes


async def test_the_hash_of_another_build_stays_unknown():
    assert await sent_by(["0123456789abcdef"]) == ["0123456789abcdef"]
