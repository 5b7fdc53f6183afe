"""The person or process to which the audit trail attributes a change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A role or process, with the id of the person or event that acted where there is one."""

    kind: str
    id: str = ""

    def __str__(self) -> str:
        """Return the text that is stored, such as "student user_1" or "worker"."""
        return f"{self.kind} {self.id}" if self.id else self.kind


WORKER = Actor("worker")
RECONCILIATION = Actor("reconcile")
_WITH_ID = ("student", "operator", "success page", "webhook")
"""The kinds of actors that have an id."""


def actor_from(text: str) -> Actor:
    """Return the actor of a stored text. One of an unknown kind has no id."""
    for kind in _WITH_ID:
        if text.startswith(f"{kind} "):
            return Actor(kind, text.removeprefix(f"{kind} "))
    return Actor(text)
