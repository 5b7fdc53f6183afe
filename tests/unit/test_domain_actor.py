"""An actor's text in the audit trail."""

import pytest

from coursebook.domain.actor import RECONCILIATION, WORKER, Actor


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        (Actor("student", "user_1"), "student user_1"),
        (Actor("webhook", "evt_1"), "webhook evt_1"),
        (WORKER, "worker"),
        (RECONCILIATION, "reconcile"),
    ],
)
def test_an_actor_is_stored_by_kind_and_id(actor: Actor, text: str):
    assert str(actor) == text
