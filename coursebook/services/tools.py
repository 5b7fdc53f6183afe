"""What the services are made of: the database, Stripe, a clock and a few settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from coursebook.mail.facts import School
from coursebook.payments.gateway import Gateway
from coursebook.payments.pages import STRIPES_OWN, PaymentPages
from coursebook.persistence.engine import Database

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Tools:
    """Handed to every service by `wiring`. `clock` returns an aware time.

    `pages` says where people may be sent to pay, `school` who writes to them.
    """

    database: Database
    gateway: Gateway
    clock: Clock
    public_url: str
    hold: timedelta
    school: School
    pages: PaymentPages = STRIPES_OWN
