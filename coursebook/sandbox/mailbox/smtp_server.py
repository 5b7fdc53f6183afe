"""The mailbox of the sandbox: takes every mail over SMTP, delivers none, shows them all."""

import asyncio
import base64
import contextlib
import secrets

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.dashboard.frame import Frame
from coursebook.sandbox.dashboard.lists import listed
from coursebook.sandbox.mailbox.message import ReadMail, read_mail
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Body, Store

KIND = "mail"
LARGEST_MAIL = 10 * 1024 * 1024
LISTED = 200
# A mail brings styles of its own; it may bring no script and nothing from another host. Its forms
# are shut off by the frame it is shown in.
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class Mailbox:
    """An SMTP server on the loopback address, in the event loop it is started in."""

    def __init__(self, options: SandboxOptions, store: Store, clock: Clock) -> None:
        """Prepare; nothing listens yet."""
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
                data_size_limit=LARGEST_MAIL,
                enable_SMTPUTF8=True,
                hostname="localhost",
                ident="coursebook sandbox",
                loop=loop,
            )

        self._server = await loop.create_server(
            connection, self._options.host, self._options.smtp_port
        )

    async def stop(self) -> None:
        """Stop listening; a client that stays connected is not waited for."""
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(TimeoutError):  # from Python 3.12 on it waits for clients
                await asyncio.wait_for(self._server.wait_closed(), 1)
            self._server = None

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail; «250» is only said once it is stored."""
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


def routes(options: SandboxOptions, store: Store, clock: Clock) -> list[Route]:
    """Return the pages of the mailbox, and with levers on the list as JSON."""
    frame = Frame(options, clock)

    def missing(request: Request) -> Response:
        return frame.show("board_missing.html", request, status=404, noun="mail")

    async def listing(request: Request) -> Response:
        found = listed(store, KIND, request)
        mails = [read_kept(kept) for kept in found.rows]
        return frame.show("mailbox.html", request, mails=mails, paging=found)

    async def mail(request: Request) -> Response:
        kept = store.get(KIND, request.path_params["id"])
        if kept is None:
            return missing(request)
        return frame.show("mailbox_mail.html", request, policy=POLICY, mail=read_kept(kept))

    async def attachment(request: Request) -> Response:
        kept = store.get(KIND, request.path_params["id"])
        files = read_kept(kept).attachments if kept else ()
        number = request.path_params["number"]
        if number >= len(files):
            return missing(request)
        headers = {
            "Content-Disposition": f'attachment; filename="{files[number].safe_name}"',
            "X-Content-Type-Options": "nosniff",
        }
        return Response(
            files[number].content, media_type="application/octet-stream", headers=headers
        )

    async def as_json(request: Request) -> Response:
        return JSONResponse(mails_to(store, request.query_params.get("to", "")))

    pages = [
        Route("/mailbox", listing),
        Route("/mailbox/{id}", mail),
        Route("/mailbox/{id}/attachments/{number:int}", attachment),
    ]
    return [*pages, Route("/_test/mail", as_json)] if options.levers else pages


def mails_to(store: Store, address: str) -> Body:
    """Return the newest mails to one address, or ("") of all, as the levers show them."""
    wanted = address.lower()
    kept = [
        one
        for one in store.find(KIND, limit=LISTED)
        if not wanted or wanted in [to.lower() for to in one["to"]]
    ]
    return {"mails": [read_kept(one).as_json() for one in kept]}


def read_kept(kept: Body) -> ReadMail:
    """Return the parts of a mail as it lies in the store."""
    return read_mail(kept["id"], kept["received"], tuple(kept["to"]), base64.b64decode(kept["raw"]))
