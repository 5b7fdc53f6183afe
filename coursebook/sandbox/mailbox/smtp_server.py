"""The SMTP server of the sandbox: it stores every mail, delivers none, and reads them back."""

import asyncio
import base64
import contextlib
import secrets

from aiosmtpd.smtp import SMTP, Envelope, Session

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.mailbox.message import Mail, parse_mail
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Body, Store

KIND = "mail"
MAX_MAIL_BYTES = 10 * 1024 * 1024
MAX_LISTED = 200


class Mailbox:
    """An SMTP server on the loopback address, in the event loop that starts it."""

    def __init__(self, options: SandboxOptions, store: Store, clock: Clock) -> None:
        """Prepare the server; `start` opens the port."""
        self._options = options
        self._store = store
        self._clock = clock
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on the SMTP port. Raises OSError when it is taken."""
        loop = asyncio.get_running_loop()

        def connection() -> SMTP:
            return SMTP(
                self,
                data_size_limit=MAX_MAIL_BYTES,
                enable_SMTPUTF8=True,
                hostname="localhost",
                ident="coursebook sandbox",
                loop=loop,
            )

        self._server = await loop.create_server(
            connection, self._options.host, self._options.smtp_port
        )

    async def stop(self) -> None:
        """Stop listening; do not wait for a client that stays connected."""
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(TimeoutError):  # from Python 3.12 on it waits for clients
                await asyncio.wait_for(self._server.wait_closed(), 1)
            self._server = None

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Store one mail, then answer 250."""
        key = f"mail_{secrets.token_hex(10)}"
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        received = self._clock.seconds()
        body = {
            "id": key,
            "received": received,
            "from": envelope.mail_from or "",
            "to": list(envelope.rcpt_tos),
            "raw": base64.b64encode(raw).decode(),
        }
        self._store.put(KIND, key, body, created=received)
        return f"250 OK stored as {key}"


def mails_to(store: Store, address: str) -> Body:
    """Return the newest mails to `address` (all mails when it is empty), as JSON."""
    address = address.lower()
    mails = [
        mail
        for mail in store.find(KIND, limit=MAX_LISTED)
        if not address or address in [to.lower() for to in mail["to"]]
    ]
    return {"mails": [parse_stored(mail).as_json() for mail in mails]}


def parse_stored(mail: Body) -> Mail:
    """Return the parts of a stored mail."""
    return parse_mail(
        mail["id"], mail["received"], tuple(mail["to"]), base64.b64decode(mail["raw"])
    )
