"""Parse a raw mail into the parts that the mailbox shows."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

_CID = re.compile(r"cid:([^\"'\s)]+)")


@dataclass(frozen=True)
class Attachment:
    """One file of a mail."""

    name: str
    content_type: str
    content: bytes

    @property
    def safe_name(self) -> str:
        """The name with only letters, digits, dot, dash and underscore, safe in a header."""
        return re.sub(r"[^A-Za-z0-9._-]", "_", self.name)[:100] or "attachment"


@dataclass(frozen=True)
class Mail:
    """One parsed mail. `received` is in epoch seconds of the sandbox's clock.

    `pictures` are those inside the HTML part, as `data:` addresses by their Content-ID.
    """

    id: str
    received: int
    to: tuple[str, ...]
    sender: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    pictures: Mapping[str, str]
    raw: str

    @property
    def when(self) -> str:
        """The time of arrival in UTC, for people."""
        return datetime.fromtimestamp(self.received, UTC).strftime("%d %b %Y, %H:%M UTC")

    @property
    def shown_html(self) -> str:
        """The HTML part with its own pictures in it, as a mail program shows it."""
        return _CID.sub(lambda match: self.pictures.get(match[1], match[0]), self.html)

    def as_json(self) -> dict[str, Any]:
        """Return the parts as JSON, attachments by name."""
        return {
            "id": self.id,
            "received": self.received,
            "to": list(self.to),
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "attachments": [file.name for file in self.attachments],
            "raw": self.raw,
        }


def parse_mail(key: str, received: int, to: tuple[str, ...], raw: bytes) -> Mail:
    """Return the parts of `raw`; of a malformed mail, those that can be parsed."""
    message = message_from_bytes(raw, policy=default)
    return Mail(
        id=key,
        received=received,
        to=to,
        sender=_header(message, "From"),
        subject=_header(message, "Subject") or "(no subject)",
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachments(message)),
        pictures=dict(_pictures(message)),
        raw=raw.decode("utf-8", "replace"),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""  # the header parser of the standard library fails on some broken headers


def _body(message: EmailMessage, subtype: str) -> str:
    try:
        part = message.get_body(preferencelist=(subtype,))
    except (ValueError, TypeError, IndexError, AttributeError, KeyError):
        return ""
    return _text(part) if isinstance(part, EmailMessage) else ""


def _text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _attachments(message: EmailMessage) -> list[Attachment]:
    attachments = []
    for part in message.walk():
        name = part.get_filename()
        disposition = part.get_content_disposition()
        is_file = disposition == "attachment" or (bool(name) and disposition != "inline")
        if is_file and not part.is_multipart():
            content = part.get_payload(decode=True)
            data = content if isinstance(content, bytes) else b""
            attachments.append(Attachment(name or "attachment", part.get_content_type(), data))
    return attachments


def _pictures(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_maintype() == "image" and isinstance(content, bytes):
            data = base64.b64encode(content).decode()
            content_id = _header(part, "Content-ID").strip("<> ")
            yield content_id, f"data:{part.get_content_type()};base64,{data}"
