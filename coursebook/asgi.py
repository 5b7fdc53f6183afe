"""The production entry: `granian --interface asgi --factory coursebook.asgi:factory`.

It serves pages, API and socket on one port, from the exported build, without compiling again
(0.9 s to the first page).
"""

import gc
import multiprocessing
import os
import re
import signal
from contextlib import chdir

from coursebook.api.middleware.error_responses import ErrorResponses
from coursebook.http_security.content_policy import ContentPolicy
from coursebook.http_security.csp_hashes import hashes_of_pages
from coursebook.http_security.security_headers import (
    Message,
    Program,
    Receive,
    Scope,
    SecurityHeaders,
    Send,
)
from coursebook.run.open_tabs import following
from coursebook.run.output import steady_output
from coursebook.run.paths import PROJECT, is_reloading, web_folder
from coursebook.run.supervisor.die_with_parent import end_with_parent
from coursebook.run.supervisor.locks import lock_for_serving
from coursebook.school import current as school
from coursebook.settings import load_settings
from coursebook.ui.reflex_compat import environment

CACHE_FOREVER = b"public, max-age=31536000, immutable"
CACHE_REVALIDATE = b"no-cache"


def factory() -> Program:
    """Return the whole product as one ASGI application. granian calls it once in each worker.

    Raises SettingsError, or CannotStart for a second process on SQLite.
    """
    if multiprocessing.parent_process() is not None:
        end_with_parent(signal.SIGKILL)  # if granian is killed, its worker must release the port
    steady_output()
    settings = load_settings()
    lock_for_serving(settings)
    os.environ.update(environment.SERVE_BUILT_PAGES)
    school()  # read before the working folder changes: its settings may be in `.env`
    client = web_folder().joinpath(*environment.CLIENT)
    policy = ContentPolicy.of(settings)
    gc.disable()  # nearly all that a start makes stays: looking for garbage was a fifth of it
    with chdir(PROJECT):  # where Reflex finds rxconfig.py
        from coursebook.coursebook import app  # noqa: PLC0415  reads the environment set above
        from coursebook.ui.pages import SITE  # noqa: PLC0415
        from coursebook.ui.ssr.mount import SOCKET_VARIABLE, rendered  # noqa: PLC0415

        scripts = hashes_of_pages(client)
        program: Program = rendered(app(), app, client, policy.page, scripts)
    gc.freeze()
    gc.enable()
    page_policy = policy.page(scripts)
    if is_reloading():
        program = following(program, client, os.environ.get(SOCKET_VARIABLE, ""))
    else:
        program = cached(program)
    return SecurityHeaders(
        ErrorResponses(program),
        settings.public_url,
        page_policy,
        settings.trusted_proxies,
        camera_paths=tuple(page.prefix for page in SITE.with_camera),
    )


def cached(program: Program) -> Program:
    """Add Cache-Control: cache hashed files forever, revalidate pages.

    Reflex sends no Cache-Control, so a browser guesses and may show a page of an old build whose
    scripts are gone. A response with its own header keeps it. A redirect to our own host
    (/courses to /courses/) is sent without scheme and host, which a proxy may change.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await program(scope, receive, send)
            return

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                local = {**message, "headers": _local_redirect(scope, message)}
                message = {**local, "headers": _with_rule(scope["path"], local)}
            await send(message)

        await program(scope, receive, send_with_header)

    return answer


def _with_rule(path: str, message: Message) -> list[tuple[bytes, bytes]]:
    headers = list(message.get("headers", ()))
    names = {name.lower(): value for name, value in headers}
    if b"cache-control" in names:
        return headers
    if path.startswith("/assets/") and message["status"] == 200:  # noqa: PLR2004
        return [*headers, (b"cache-control", CACHE_FOREVER)]
    if names.get(b"content-type", b"").startswith(b"text/html"):
        return [*headers, (b"cache-control", CACHE_REVALIDATE)]
    return headers


def _local_redirect(scope: Scope, message: Message) -> list[tuple[bytes, bytes]]:
    """Return the headers with a redirect to our own host reduced to its path.

    Behind a TLS proxy the full URL would have http:// and the wrong port. A path that begins with
    two slashes keeps its URL: browsers would read it as another host.
    """
    host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"")
    own_url = re.compile(rb"https?://" + re.escape(host) + rb"(/(?!/).*)", re.DOTALL)
    headers = []
    for name, value in message.get("headers", ()):
        match = own_url.fullmatch(value) if host and name.lower() == b"location" else None
        headers.append((name, match[1] if match else value))
    return headers
