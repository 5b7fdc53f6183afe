"""Send mails over SMTP."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from coursebook.domain.external_text import wire_address
from coursebook.mail.calendar import CalendarFile
from coursebook.mail.letter import TICKET_ID, Mail

TIMEOUT = 15.0
"""Seconds for each step of one delivery."""
MIN_PERMANENT_CODE = 500
"""SMTP replies from this code on are permanent failures (RFC 5321, 4.2.1)."""
_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class MailNotSent(Exception):
    """The mail was not accepted. `permanent`: another attempt cannot succeed."""

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        """Keep the sentence for the log."""
        self.permanent = permanent
        super().__init__(detail)


@dataclass(frozen=True)
class SmtpServer:
    """The mail server. `start_tls` None: use STARTTLS if the server offers it."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    use_tls: bool = False
    start_tls: bool | None = None


def parse_smtp_url(url: str) -> SmtpServer:
    """Read `smtp://`, `smtps://` (TLS from the start) or `starttls://` with `user:pass@host:port`.

    A password is never sent unencrypted: `smtp://` with a user requires STARTTLS unless the server
    is on this machine. Raises ValueError with one sentence that never repeats the URL.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("SMTP_URL is not a URL such as smtp://host:25.") from error
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
    """Sends mails to one SMTP server, each over its own connection."""

    def __init__(self, url: str, mail_from: str, *, has_fixed_name: bool = True) -> None:
        """Raise ValueError, one sentence, when `url` (SMTP_URL) or `mail_from` is bad.

        Unless `has_fixed_name`, a mail may bring another name of the sender.
        """
        self._has_fixed_name = has_fixed_name
        self._server = parse_smtp_url(url)
        name, spec = parseaddr(mail_from) if mail_from.isprintable() else ("", "")
        try:
            self._from = Address(display_name=name, addr_spec=spec)
        except (ValueError, MessageError, IndexError) as error:
            raise ValueError("MAIL_FROM is not an email address.") from error
        if not (self._from.username and self._from.domain):
            raise ValueError("MAIL_FROM is not an email address.")

    async def send(self, mail: Mail, *, key: str) -> None:
        """Send `mail`. Raises MailNotSent.

        The same `key` gives the same Message-ID, so mail programs can detect a second copy.
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
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [recipient.code for recipient in error.recipients]
            detail = f"the mail server refused the address ({codes})"
            raise MailNotSent(detail, permanent=min(codes) >= MIN_PERMANENT_CODE) from error
        except aiosmtplib.SMTPNotSupported as error:
            detail = "the mail server accepts only ASCII characters before the @"
            raise MailNotSent(detail, permanent=not to.isascii()) from error
        except aiosmtplib.SMTPDataError as error:
            detail = f"the mail server refused the message ({error.code})"
            raise MailNotSent(detail, permanent=error.code >= MIN_PERMANENT_CODE) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            detail = f"{type(error).__name__} at {server.host}:{server.port}"
            raise MailNotSent(detail) from error

    async def check_connection(self) -> None:
        """Connect, encrypt and sign in without sending a mail. Raises MailNotSent."""
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
        except (aiosmtplib.SMTPException, OSError) as error:
            detail = f"{type(error).__name__} at {server.host}:{server.port}"
            raise MailNotSent(detail) from error

    def _sender(self, mail: Mail) -> Address:
        if self._has_fixed_name or not mail.sender_name:
            return self._from
        return Address(_one_line(mail.sender_name), addr_spec=self._from.addr_spec)

    def _message(self, mail: Mail, to: str, key: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
        message["To"] = _address(to)
        message["From"] = self._sender(mail)
        if mail.reply_to:
            message["Reply-To"] = _address(wire_address(mail.reply_to))
        message["Subject"] = _one_line(mail.subject)
        message["Date"] = formatdate()
        name = hashlib.sha256(key.encode()).hexdigest()[:40]
        message["Message-ID"] = f"<{name}@{self._from.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        if mail.ticket:
            _add_picture(message.get_body(("html",)), mail.ticket)
        _add_calendars(message, mail.calendars)
        return message


def _address(wire: str) -> Address:
    """Return an address for a header. The library parses only strict addresses itself."""
    local, _, domain = wire.rpartition("@")
    if local.startswith('"'):
        return Address(addr_spec=wire)
    return Address(username=local, domain=domain)


def _add_picture(html: MIMEPart | None, picture: bytes) -> None:
    """Add the picture of the ticket beside the HTML part, which shows it."""
    assert html is not None, "added before"
    name = "ticket.png"
    html.add_related(
        picture, "image", "png", cid=f"<{TICKET_ID}>", disposition="inline", filename=name
    )


def _add_calendars(message: EmailMessage, files: Sequence[CalendarFile]) -> None:
    """Add calendar files as attachments, and the first one also as an alternative body.

    Outlook uses the body, Apple Mail the attachments, Google either (RFC 6047, 2.4).
    """
    for number, file in enumerate(files, 1):
        params = {"method": file.method, "charset": "utf-8"}
        if number == 1:
            message.add_alternative(file.data, maintype="text", subtype="calendar", params=params)
        message.add_attachment(
            file.data,
            maintype="text",
            subtype="calendar",
            filename="course.ics" if len(files) == 1 else f"course-{number}.ics",
            params=params,
        )


def _one_line(text: str) -> str:
    """Return the text without control characters, which would begin another header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
