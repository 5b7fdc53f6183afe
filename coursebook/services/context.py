"""The dependencies of every service: the database, Stripe, a clock and a few settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coursebook.domain.installation import Installation
from coursebook.mail.facts import School
from coursebook.mail.look import PLAIN, Look
from coursebook.payments.checkout_url import STRIPE_HOSTS, CheckoutHosts
from coursebook.payments.gateway import Gateway
from coursebook.persistence.engine.databases import Database

Clock = Callable[[], datetime]


@dataclass
class OwnInstallation:
    """Which installation we are, once it was read (services/installation.py)."""

    installation: Installation | None = None


@dataclass(frozen=True)
class Context:
    """Handed to every service by `wiring`. `clock` returns an aware time.

    `checkout_hosts` are the hosts that people may be redirected to for paying, `school` is the
    sender of mails as configured, `look` how mails look. `has_real_keys`: calls go to Stripe
    itself, not to the sandbox. `school_defaults` are name, email, address and timezone of the
    school from the environment or `school.toml`, `fixed_settings` the names of those from the
    environment, which the settings page cannot change.
    """

    database: Database
    gateway: Gateway
    clock: Clock
    public_url: str
    hold: timedelta
    school: School
    checkout_hosts: CheckoutHosts = STRIPE_HOSTS
    has_real_keys: bool = False
    look: Look = PLAIN
    own: OwnInstallation = field(default_factory=OwnInstallation)
    school_defaults: Mapping[str, str] = field(default_factory=dict)
    fixed_settings: frozenset[str] = frozenset()

    @property
    def maker(self) -> Installation:
        """The installation whose metadata goes into new objects at Stripe.

        Raises RuntimeError before `installation_of` has read it.
        """
        if self.own.installation is None:
            raise RuntimeError("Which installation this is was not read yet.")
        return self.own.installation
