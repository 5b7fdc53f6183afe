"""The list of scenarios: what any program may rely on at Stripe, and so in the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.scenarios.backend import Backend

Act = Callable[[Backend], None]

PERSON = "a person has to pay on the payment page"
CLOCK = "the clock has to be moved"
BANK = "a bank has to act"
SLOW = "a call has to be held up"
LEFTOVER = "it would leave something behind in the account"


@dataclass(frozen=True)
class Scenario:
    """`needs` says why it cannot run against Stripe by itself; empty when it can."""

    name: str
    act: Act
    needs: str = ""


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, *, needs: str = "") -> Callable[[Act], Act]:
    """Put a function on the list."""

    def listed(act: Act) -> Act:
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, act, needs)
        return act

    return listed
