"""The context: the parts of a running sandbox that its operations need."""

from dataclasses import dataclass

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Store
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery


@dataclass(frozen=True)
class Context:
    """Options, store, clock, webhook deliveries and faults."""

    options: SandboxOptions
    store: Store
    clock: Clock
    deliveries: WebhookDelivery
    faults: Faults
