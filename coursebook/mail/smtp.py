"""Sends mails over SMTP."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from coursebook.domain.external_text import wire_address
from coursebook.mail.messages import Mail

TIMEOUT = 15.0
"""Seconds for each step of one delivery."""
PERMANENT = 500
"""SMTP answers from here on mean «do not try again» (RFC 5321, 4.2.1)."""
_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class MailNotSent(Exception):
    """The mail did not leave. `permanent` means that another try cannot help."""

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        """Keep the sentence for the log."""
        self.permanent = permanent
        super().__init__(detail)


@dataclass(frozen=True)
class SmtpServer:
    """Where mails go. `start_tls` None means: if the server offers it."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    use_tls: bool = False
    start_tls: bool | None = None


def parse_smtp_url(url: str) -> SmtpServer:
    """Read `smtp://`, `smtps://` (TLS from the start) or `starttls://` with `user:pass@host:port`.

    A password never leaves unencrypted: `smtp://` with a user insists on STARTTLS unless the
    server is on this machine. Raises ValueError with one sentence that never repeats the URL.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as problem:
        raise ValueError("SMTP_URL is not a URL such as smtp://host:25.") from problem
    if scheme not in _PORTS or not host:
        raise ValueError("SMTP_URL must look like smtp://, smtps:// or starttls://user:pass@host.")
    encrypt = scheme == "starttls" or (bool(parts.username) and host not in _LOOPBACK)
    return SmtpServer(
        host=host,
        port=port or _PORTS[scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=scheme == "smtps",
        start_tls=False if scheme == "smtps" else (True if encrypt else None),
    )


class SmtpSender:
    """Hands mails to one SMTP server; every mail is a connection of its own."""

    def __init__(self, url: str, mail_from: str) -> None:
        """Raise ValueError, one sentence, when `url` (SMTP_URL) or `mail_from` is bad."""
        self._server = parse_smtp_url(url)
        name, spec = parseaddr(mail_from) if mail_from.isprintable() else ("", "")
        try:
            self._from = Address(display_name=name, addr_spec=spec)
        except (ValueError, MessageError, IndexError) as problem:
            raise ValueError("MAIL_FROM is not an email address.") from problem
        if not (self._from.username and self._from.domain):
            raise ValueError("MAIL_FROM is not an email address.")

    async def send(self, mail: Mail, *, key: str) -> None:
        """Send `mail`. Raises MailNotSent.

        The same `key` gives the same Message-ID, so that a second try is seen as a second copy.
        """
        to = wire_address(mail.to)
        if not to:
            raise MailNotSent("this is not an email address", permanent=True)
        message = self._message(mail, to, key)
        server = self._server
        try:
            await aiosmtplib.send(
                message,
                sender=self._from.addr_spec,
                recipients=[to],
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.use_tls,
                start_tls=server.start_tls,
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [one.code for one in refused.recipients]
            detail = f"the mail server refused the address ({codes})"
            raise MailNotSent(detail, permanent=min(codes) >= PERMANENT) from refused
        except aiosmtplib.SMTPNotSupported as problem:
            detail = "the mail server accepts only ASCII characters before the @"
            raise MailNotSent(detail, permanent=not to.isascii()) from problem
        except aiosmtplib.SMTPDataError as refused:
            detail = f"the mail server refused the message ({refused.code})"
            raise MailNotSent(detail, permanent=refused.code >= PERMANENT) from refused
        except (aiosmtplib.SMTPException, OSError) as problem:
            detail = f"{type(problem).__name__} at {server.host}:{server.port}"
            raise MailNotSent(detail) from problem

    async def greet(self) -> None:
        """Connect, encrypt and sign in as for a mail, and leave. Raises MailNotSent."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.use_tls,
            start_tls=server.start_tls,
            timeout=TIMEOUT,
        )
        try:
            async with client:
                await client.noop()
        except (aiosmtplib.SMTPException, OSError) as problem:
            detail = f"{type(problem).__name__} at {server.host}:{server.port}"
            raise MailNotSent(detail) from problem

    def _message(self, mail: Mail, to: str, key: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
        message["To"] = _address(to)
        message["From"] = self._from
        if mail.reply_to:
            message["Reply-To"] = _address(wire_address(mail.reply_to))
        message["Subject"] = _one_line(mail.subject)
        message["Date"] = formatdate()
        name = hashlib.sha256(key.encode()).hexdigest()[:40]
        message["Message-ID"] = f"<{name}@{self._from.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        if mail.calendar is not None:
            _add_calendar(message, mail.calendar, mail.calendar_method)
        return message


def _address(wire: str) -> Address:
    """Return an address for a header. The library itself parses only the strictest ones."""
    local, _, domain = wire.rpartition("@")
    if local.startswith('"'):
        return Address(addr_spec=wire)
    return Address(username=local, domain=domain)


def _add_calendar(message: EmailMessage, file: bytes, method: str) -> None:
    """Add a calendar file twice: as another form of the text, and as a file to save.

    Outlook acts on the first, Apple's Mail on the second, Google on either (RFC 6047, 2.4).
    """
    params = {"method": method, "charset": "utf-8"}
    message.add_alternative(file, maintype="text", subtype="calendar", params=params)
    message.add_attachment(
        file, maintype="text", subtype="calendar", filename="course.ics", params=params
    )


def _one_line(text: str) -> str:
    """Return the text without line breaks and other control characters: one header, never two."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
