"""All settings, typed, read once from the environment or `.env`.

Without any keys the sandbox is used: `coursebook run` then sets COURSEBOOK_SANDBOX_URL for the
product. An incomplete configuration stops the start with one sentence that names the variable.
"""

import base64
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from limits import parse
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MAIL_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
MAX_CONNECTIONS = 35
"""Default number of PostgreSQL connections of one process."""
MIN_CONNECTIONS = 6
"""With fewer, bookings that wait for a lock would block all reads."""
CLIENT_ONLY = frozenset(
    {
        *("application_name", "channel_binding", "client_encoding", "connect_timeout"),
        *("fallback_application_name", "gssdelegation", "gssencmode", "gsslib", "keepalives"),
        *("keepalives_count", "keepalives_idle", "keepalives_interval", "load_balance_hosts"),
        *("max_protocol_version", "min_protocol_version", "require_auth", "requirepeer"),
        *("requiressl", "service", "sslcertmode", "sslcompression", "sslnegotiation", "sslsni"),
        *("ssl_max_protocol_version", "ssl_min_protocol_version", "tcp_user_timeout"),
    }
)
"""Options of libpq that hosting providers put into an address. Our driver would send them to the
server as settings, or refuse them. PostgreSQL's own programs get them."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingsError(Exception):
    """The configuration is invalid. The message is one sentence that names the variable."""


class SchoolSettings(BaseSettings):
    """The settings of the school itself, which the pages also need while they are built."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    school_dir: Path = Field(
        default=Path("school"),
        description="Folder with the school's own school.toml, words and assets.",
    )
    school_name: str = Field(
        default="", max_length=120, description="Name of the school; wins over school.toml."
    )
    school_email: str = Field(
        default="", description="Where replies to mails go; wins over school.toml."
    )
    school_address: str = Field(
        default="", max_length=300, description="Postal address of the school, in one line."
    )
    school_timezone: str = Field(
        default="",
        description="Time zone of the school, such as Europe/Lisbon; that of new courses.",
    )

    @field_validator("school_name", "school_email", "school_address", "school_timezone")
    @classmethod
    def _school_line(cls, value: str) -> str:
        return _one_line(value)

    @field_validator("school_email")
    @classmethod
    def _school_email(cls, value: str) -> str:
        if value and not MAIL_ADDRESS.fullmatch(value):
            raise ValueError("must be an email address such as hello@courses.example.org")
        return value

    @field_validator("school_timezone")
    @classmethod
    def _school_timezone(cls, value: str) -> str:
        if value and value not in available_timezones():
            raise ValueError("must be a time zone such as Europe/Lisbon")
        return value


class Settings(SchoolSettings):
    """All settings. The variables are the field names in capitals."""

    public_url: str = Field(
        default="http://localhost:3000",
        description="Address at which browsers reach the product, without a path.",
    )
    coursebook_data: Path = Field(
        default=Path(".coursebook"),
        description="Folder for the embedded database, the sandbox and build stamps.",
    )
    database_url: str = Field(
        repr=False,
        default="",
        description="postgresql://user:password@host/name; empty: SQLite in COURSEBOOK_DATA.",
    )
    database_connections: int = Field(
        default=0,
        ge=0,
        le=500,
        description="Maximum connections per process to PostgreSQL; 0: 35, fewer with many "
        "processes.",
    )
    database_pooler: bool = Field(
        default=False, description="true when DATABASE_URL leads to PgBouncer."
    )
    redis_url: str = Field(
        repr=False, default="", description="redis://host:6379/0; needed for more than one process."
    )
    coursebook_sandbox_url: str = Field(
        default="",
        description="Set by `coursebook run` when no keys are set: address of the sandbox.",
    )
    stripe_secret_key: str = Field(
        repr=False, default="", description="sk_test_…, sk_live_… or rk_…"
    )
    stripe_publishable_key: str = Field(
        default="", description="pk_…; hosted Checkout does not need it. Must be of the same mode."
    )
    stripe_webhook_secret: Annotated[tuple[str, ...], NoDecode] = Field(
        repr=False,
        default=(),
        description="whsec_…; several comma-separated ones are all valid (while rolling one).",
    )
    stripe_page_host: str = Field(
        default="",
        description="Host of the payment page, if you have bought a domain for it at Stripe.",
    )
    stripe_api_base: str = Field(
        default="", description="Another address for Stripe's API; the sandbox sets it."
    )
    clerk_publishable_key: str = Field(default="", description="pk_test_… or pk_live_… of Clerk.")
    clerk_secret_key: str = Field(
        repr=False, default="", description="sk_test_… or sk_live_… of Clerk."
    )
    clerk_jwt_key: str = Field(
        default="",
        description="PEM public key of Clerk's session tokens (checks without the network).",
    )
    operator_user_ids: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Clerk user ids (user_…) who are operators, comma-separated."
    )
    smtp_url: str = Field(
        repr=False, default="", description="smtp://user:password@host:587 or smtps://…; for mails."
    )
    mail_from: str = Field(
        default="coursebook <no-reply@coursebook.test>", description="Sender of mails."
    )
    operator_email: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses that get a mail for each new money inbox entry, comma-separated.",
    )
    courses_language: str = Field(
        default="en",
        description="Language that titles and texts of courses are written in (en, de, pt-BR).",
    )
    hold_minutes: int = Field(
        default=35,
        ge=32,
        le=1440,
        description="How long a place is held for paying, minutes; Stripe allows 30 to 1440.",
    )
    checkout_limit: str = Field(
        default="10/minute", description="Checkouts, retries and cancels of one student."
    )
    search_limit: str = Field(
        default="120/minute", description="Searches of one person who is signed in."
    )
    token_limit: str = Field(
        default="300/minute", description="Session tokens of one person that are checked."
    )
    manage_limit: str = Field(
        default="120/minute", description="Calls of one person with a role, under /manage."
    )
    export_limit: str = Field(
        default="10/hour", description="Files of people and money that one person downloads."
    )
    message_limit: str = Field(
        default="20/hour", description="Messages that one person sends, plans or tries."
    )
    address_limit: str = Field(
        default="600/minute",
        description="Searches and bad tokens of strangers in one network; in tabs ten times.",
    )
    visitor_limit: str = Field(
        default="60/minute", description="Searches of one tab whose visitor is not signed in."
    )
    processes: int = Field(
        default=0,
        ge=0,
        le=64,
        description="How many processes serve; 0: one for each processor, 8 at most.",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="How many of your proxies are in front."
    )
    worker_seconds: float = Field(
        default=5.0, gt=0, le=300, description="Pause between two rounds of the worker, seconds."
    )
    reconcile_hours: float = Field(
        default=12.0,
        ge=0,
        le=720,
        description="Hours between two comparisons of our books with Stripe's; 0: never.",
    )
    backup_hours: float = Field(
        default=48.0,
        ge=0,
        le=8760,
        description="`coursebook doctor` warns when the last backup is older than this; 0: never.",
    )
    log_json: bool = Field(default=False, description="Log lines as JSON (production).")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("stripe_webhook_secret", "operator_user_ids", "operator_email", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url", "coursebook_sandbox_url", "stripe_api_base")
    @classmethod
    def _address(cls, value: str) -> str:
        value = value.strip().rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an address such as https://courses.example.org")
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        """Return the address as an Origin header has it: tokens and sockets must match it."""
        parts = urlsplit(value)
        if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be an address without a path, as https://courses.example.org")
        default_port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
        return (
            f"{parts.scheme}://{parts.netloc.lower().removesuffix(default_port)}"
            if value
            else value
        )

    @field_validator("stripe_page_host")
    @classmethod
    def _host(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", value):
            raise ValueError("must be a host such as pay.example.org, without https://")
        return value

    @field_validator(
        "checkout_limit",
        "search_limit",
        "token_limit",
        "manage_limit",
        "export_limit",
        "message_limit",
        "address_limit",
        "visitor_limit",
    )
    @classmethod
    def _limit(cls, value: str) -> str:
        parse(value)  # raises ValueError
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://", "sqlite:///")):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @field_validator("database_connections")
    @classmethod
    def _connections(cls, value: int) -> int:
        if 0 < value < MIN_CONNECTIONS:
            raise ValueError(f"must be at least {MIN_CONNECTIONS}, or 0")
        return value

    @field_validator("courses_language")
    @classmethod
    def _language(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
            raise ValueError("must be a language such as en, de or pt-BR")
        return value

    @field_validator("operator_email")
    @classmethod
    def _mail_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(MAIL_ADDRESS.fullmatch(address) for address in value):
            raise ValueError("must be email addresses such as money@courses.example.org")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        return _one_line(value)

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.processes > 1 and not self.is_shared:
            raise ValueError("PROCESSES: more than one needs PostgreSQL and REDIS_URL.")
        if self.is_sandbox:
            self._check_sandbox()
        elif self.has_keys:
            self._check_real()
        return self

    def _check_sandbox(self) -> None:
        if urlsplit(self.coursebook_sandbox_url).hostname not in LOOPBACK:
            raise ValueError("COURSEBOOK_SANDBOX_URL must be an address of this machine.")
        if self.is_live:
            raise ValueError("STRIPE_SECRET_KEY is a live key: the sandbox does not run beside it.")
        if self.clerk_publishable_key:
            raise ValueError("CLERK_PUBLISHABLE_KEY is set: sign-in would not be the sandbox's.")
        if not (self.stripe_secret_key and self.stripe_webhook_secret):
            raise ValueError("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are missing.")

    def _check_real(self) -> None:
        required = {
            "STRIPE_SECRET_KEY": self.stripe_secret_key,
            "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
            "CLERK_PUBLISHABLE_KEY": self.clerk_publishable_key,
            "MAIL_FROM": self.mail_from if "mail_from" in self.model_fields_set else "",
        }
        for name, value in required.items():
            if not value:
                raise ValueError(f"{name} is missing: set it, or set no keys for the sandbox.")
        if not self.stripe_secret_key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
            raise ValueError("STRIPE_SECRET_KEY must begin with sk_test_, sk_live_ or rk_….")
        mode = "_live_" if self.is_live else "_test_"
        if self.stripe_publishable_key and mode not in self.stripe_publishable_key:
            raise ValueError("STRIPE_PUBLISHABLE_KEY is of the other mode than STRIPE_SECRET_KEY.")
        if not (self.clerk_jwt_key or self.clerk_secret_key):
            raise ValueError("CLERK_JWT_KEY (or CLERK_SECRET_KEY) is missing: tokens need it.")
        if not self.token_issuer:
            raise ValueError("CLERK_PUBLISHABLE_KEY is not a key of Clerk: copy it again.")
        if self.is_live and not self.public_url.startswith("https://"):
            raise ValueError("PUBLIC_URL must begin with https:// when a live Stripe key is set.")

    @property
    def is_shared(self) -> bool:
        """True when several processes may serve: on PostgreSQL, with Redis for the pages."""
        return bool(self.redis_url) and self.database_url.startswith("postgres")

    @property
    def is_sandbox(self) -> bool:
        """True when the stand-ins of the sandbox serve Stripe, sign-in and mail."""
        return bool(self.coursebook_sandbox_url)

    @property
    def has_keys(self) -> bool:
        """True when any real key is set, so that no sandbox may be started.

        One is enough: a missing or misspelt key must not start a stand-in in its place.
        """
        stripe = self.stripe_secret_key or self.stripe_publishable_key or self.stripe_webhook_secret
        clerk = self.clerk_publishable_key or self.clerk_secret_key or self.clerk_jwt_key
        return bool(stripe or clerk) and not self.is_sandbox

    @property
    def has_clerk(self) -> bool:
        """True when the pages sign people in through Clerk."""
        return bool(self.clerk_publishable_key) and not self.is_sandbox

    @property
    def is_live(self) -> bool:
        """True when the Stripe key moves real money."""
        return self.stripe_secret_key.startswith(("sk_live_", "rk_live_"))

    @property
    def stripe_address(self) -> str:
        """The address of Stripe's API; empty for Stripe's own."""
        sandbox = self.coursebook_sandbox_url.replace("//localhost", "//127.0.0.1")
        return self.stripe_api_base or sandbox

    @cached_property
    def token_issuer(self) -> str:
        """The issuer of session tokens: the sandbox, or the address inside Clerk's key."""
        if self.is_sandbox:
            return self.coursebook_sandbox_url
        encoded = self.clerk_publishable_key.split("_", 2)[-1]
        try:
            host = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode("ascii")
        except ValueError:
            return ""
        return f"https://{host.rstrip('$')}" if host else ""

    @cached_property
    def async_database_url(self) -> str:
        """The database address with the asynchronous driver."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.coursebook_data.resolve() / 'coursebook.db'}"
        kind, rest = self.database_url.split("://", 1)
        if kind == "sqlite":
            return f"sqlite+aiosqlite://{rest}"
        return f"postgresql+asyncpg://{_without_client_options(rest)}"


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text.strip()


def _without_client_options(address: str) -> str:
    base, separator, query = address.rpartition("?")
    if not separator:
        return address
    options = [pair for pair in query.split("&") if pair.partition("=")[0] not in CLIENT_ONLY]
    return f"{base}?{'&'.join(options)}" if options else base


def load_settings(**overrides: str) -> Settings:
    """Read the settings. Raises SettingsError with one sentence naming the variable.

    `overrides` win over the environment: a command has computed them.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError(_sentence_of(error)) from None


def load_school_settings() -> SchoolSettings:
    """Read the settings of the school alone. Raises SettingsError."""
    try:
        return SchoolSettings()
    except ValidationError as error:
        raise SettingsError(_sentence_of(error)) from None


def _sentence_of(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).upper() if first["loc"] else ""
    message = first["msg"].removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
