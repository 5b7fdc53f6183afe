"""Everything one running sandbox has, handed to whoever needs it."""

from dataclasses import dataclass

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Store
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery


@dataclass(frozen=True)
class Context:
    """The parts that live as long as the program."""

    options: SandboxOptions
    store: Store
    clock: Clock
    deliveries: WebhookDelivery
    faults: Faults
