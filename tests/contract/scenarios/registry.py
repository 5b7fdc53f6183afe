"""The registry of scenarios: behaviour of Stripe that programs rely on, and the sandbox too."""

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
    """`needs` is the reason why it cannot run against Stripe alone, or ""."""

    name: str
    act: Act
    needs: str = ""


SCENARIOS: dict[str, Scenario] = {}


def scenario(name: str, *, needs: str = "") -> Callable[[Act], Act]:
    """Register a function as a scenario."""

    def listed(act: Act) -> Act:
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, act, needs)
        return act

    return listed
