"""The command line of the sandbox."""

import argparse
import errno
import os
import secrets
import socket
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from coursebook.sandbox.app import DATABASE, build_app
from coursebook.sandbox.options import OptionsError, SandboxOptions, words
from coursebook.sandbox.store import Store

BACKLOG = 256
SIGNING = "webhook_secret"
LOCK = "sandbox.lock"
IDLE_SECONDS = 75
"""Hang up an idle connection later than any client does (httpx, and with it the SDK, after 5 s).
After the same time, a call would go out just as the connection closes."""
HEARTBEAT_TICKS = 20
"""Ticks between heartbeats; uvicorn ticks ten times a second."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and the environment, then serve until stopped. Exit 2 on failure."""
    try:
        serve(_options(arguments))
    except OptionsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def serve(options: SandboxOptions) -> None:
    """Serve the sandbox until SIGINT or SIGTERM. Raises `OptionsError`."""
    options.check()
    _listen(options.host, options.smtp_port).close()
    with _locked(options.data_dir):
        listener = _listen(options.host, options.port)
        if options.reset:
            for part in options.data_dir.glob(f"{DATABASE}*"):
                part.unlink()
        _serve(_with_signing_secret(options), listener)


def _serve(options: SandboxOptions, listener: socket.socket) -> None:
    config = uvicorn.Config(
        build_app(options),
        loop="asyncio",  # a fault resets the socket itself, which uvloop does not expose
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=IDLE_SECONDS,
    )
    greeting = f"sandbox ready on http://localhost:{options.port}"
    server = Server(config, greeting, options.data_dir / "beats" / str(os.getpid()))
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    if not server.started:
        raise OptionsError("The sandbox could not start; see its output.")


class Server(uvicorn.Server):
    """uvicorn that prints when it is ready and touches a heartbeat file."""

    def __init__(
        self, config: uvicorn.Config, greeting: str, heartbeat: Path | None = None
    ) -> None:
        """Set the line to print and the heartbeat file; its folder may be missing."""
        super().__init__(config)
        self._greeting = greeting
        self._heartbeat = heartbeat

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then print the line."""
        await super().startup(sockets)
        if self.started:
            _print(self._greeting)

    async def on_tick(self, counter: int) -> bool:
        """Touch the heartbeat file; `coursebook run` takes an old one for a hung sandbox."""
        if self._heartbeat and counter % HEARTBEAT_TICKS == 0:
            with suppress(OSError):
                self._heartbeat.touch()
        return await super().on_tick(counter)


def _with_signing_secret(options: SandboxOptions) -> SandboxOptions:
    """Create a signing secret if none is set; the store keeps it across restarts."""
    if options.webhook_secrets:
        return options
    store = Store(options.data_dir / DATABASE)
    secret = store.setting(SIGNING) or "whsec_" + secrets.token_hex(24)
    store.set_setting(SIGNING, secret)
    store.close()
    _print(f"webhook signing secret: {secret}")
    return replace(options, webhook_secrets=(secret,))


def _locked(folder: Path) -> AbstractContextManager[object]:
    """Lock a data folder: two sandboxes must not share one store. Raises `OptionsError`."""
    path = folder / LOCK
    try:
        return FileLock(path, preserve_lock_file=True).acquire(blocking=False)
    except Timeout:
        raise OptionsError(f"Another sandbox is using the folder {folder}.") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            sentence = (
                f"{path} is a symbolic link, and a lock file must be a regular file: delete the"
                " link and try again."
            )
        else:
            sentence = f"The sandbox cannot use the folder {folder}: {error.strerror}."
        raise OptionsError(sentence) from error


def _print(line: str) -> None:
    with suppress(OSError, ValueError):  # a full disk under the log must not stop payments
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    # Without the explicit protocol, asyncio leaves Nagle's algorithm on: 40 ms more per response.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        sentence = f"Port {port} cannot be used by the sandbox: {error.strerror}."
        raise OptionsError(sentence) from error
    return listener


def options_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m coursebook.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3001)
    parser.add_argument("--smtp-port", type=int)
    parser.add_argument("--data", type=Path, default=Path(".coursebook"))
    parser.add_argument("--public-url")
    parser.add_argument("--product-url", default="http://localhost:3000")
    parser.add_argument("--webhook-url")
    parser.add_argument("--retry-base-seconds", type=float, default=2.0)
    parser.add_argument("--redirect-wait-seconds", type=float, default=10.0)
    parser.add_argument("--reset", action="store_true", help="forget everything first")
    return parser


def _options(arguments: Sequence[str] | None) -> SandboxOptions:
    args = options_parser().parse_args(arguments)
    return SandboxOptions(
        data_dir=args.data,
        host=args.host,
        port=args.port,
        smtp_port=args.smtp_port or args.port + 1,
        public_url=(args.public_url or f"http://localhost:{args.port}").rstrip("/"),
        product_url=args.product_url.rstrip("/"),
        webhook_url=args.webhook_url or None,
        test_controls=os.environ.get("COURSEBOOK_SANDBOX_LEVERS") == "1",
        retry_base_seconds=args.retry_base_seconds,
        redirect_wait_seconds=args.redirect_wait_seconds,
        reset=args.reset,
        secret_keys=words(os.environ.get("STRIPE_SECRET_KEY", "")),
        webhook_secrets=words(os.environ.get("STRIPE_WEBHOOK_SECRET", "")),
    )
