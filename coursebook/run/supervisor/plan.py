"""The plan of a run, from the settings and the command line: what to start, and how."""

import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from coursebook.counts import FOLDER_VARIABLE as COUNTS
from coursebook.identity.provider import CLERK, VARIABLE
from coursebook.run.paths import PACKAGE, ROOT, node_program, tool_environment
from coursebook.run.problem import settings_or_sentence
from coursebook.run.supervisor.capacity import connections_of, processes_of
from coursebook.run.supervisor.child import ChildSpec
from coursebook.run.supervisor.heartbeats import VARIABLE as BEATS
from coursebook.run.supervisor.sandbox_keys import sandbox_keys
from coursebook.settings import Settings
from coursebook.ui.reflex_compat import environment as reflex_environment

MAX_MESSAGE = 65_536
"""Bytes of one message on the pages' socket. Ours stay below 10 KB; Reflex would accept 1 MB."""
GRACE_SECONDS = 3
"""Time that a worker has to finish its requests after SIGTERM."""
GRANIAN_LOG = PACKAGE / "run" / "granian_log.json"
"""Granian's log configuration for JSON lines like ours."""
RENDERER = PACKAGE / "ui" / "ssr" / "server.mjs"
RENDERER_MEGABYTES = 256
MAX_SOCKET_PATH = 100


@dataclass(frozen=True)
class Plan:
    """Ports, addresses and the environment of the children. `sandbox_port` None: real services."""

    settings: Settings
    host: str
    port: int
    public_url: str
    data: Path
    sandbox_port: int | None
    is_reloading: bool
    environment: dict[str, str] = field(repr=False)

    @property
    def sandbox_url(self) -> str | None:
        """Address of the sandbox that this run starts."""
        return f"http://localhost:{self.sandbox_port}" if self.sandbox_port else None

    @property
    def smtp_port(self) -> int:
        """Port of the sandbox's mailbox."""
        return self.port + 2

    @property
    def counts_folder(self) -> Path | None:
        """The folder of the metrics of several processes, which `/metrics` adds up; else None."""
        return self.data / "counts" if self.workers > 1 else None

    @property
    def beats_folder(self) -> Path:
        """The folder of the heartbeats of this run."""
        return self.data / "beats"

    @property
    def workers(self) -> int:
        """The number of serving processes."""
        return processes_of(self.settings)

    @property
    def connections(self) -> int:
        """The number of PostgreSQL connections that each process may open."""
        return connections_of(self.settings)


def make_plan(*, host: str, port: int, is_reloading: bool = False) -> Plan:
    """Return the plan for the current settings. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    data = (ROOT / settings.coursebook_data).resolve()
    data.mkdir(parents=True, exist_ok=True)
    own_sandbox = not settings.has_keys and not settings.is_sandbox
    overrides = {"coursebook_data": str(data), "public_url": settings.public_url}
    overrides["school_dir"] = str((ROOT / settings.school_dir).resolve())
    if "public_url" not in settings.model_fields_set or not settings.public_url:
        overrides["public_url"] = f"http://localhost:{port}"
    if own_sandbox:
        overrides |= asdict(sandbox_keys(data))
        overrides["coursebook_sandbox_url"] = f"http://localhost:{port + 1}"
        overrides["smtp_url"] = settings.smtp_url or f"smtp://127.0.0.1:{port + 2}"
    # rxconfig.py reads the environment only, not .env
    overrides["trusted_proxies"] = str(settings.trusted_proxies)
    if settings.redis_url:
        overrides["redis_url"] = settings.redis_url
    return Plan(
        settings=settings_or_sentence(**overrides),
        host=host,
        port=port,
        public_url=overrides["public_url"],
        data=data,
        sandbox_port=port + 1 if own_sandbox else None,
        is_reloading=is_reloading,
        environment=_environment(overrides),
    )


def _environment(overrides: dict[str, str]) -> dict[str, str]:
    """Return the children's environment: this process's, with `overrides`."""
    variables = {name.upper(): value for name, value in overrides.items()}
    variables[reflex_environment.MAX_MESSAGE_SIZE] = str(MAX_MESSAGE)
    if "REDIS_URL" in variables:
        # One lock per event instead of one per access: 3620 events/s on two workers against 930.
        variables[reflex_environment.LOCK_PER_EVENT] = "1"
    return {**tool_environment(), **variables}


def sandbox_spec(plan: Plan) -> ChildSpec:
    """Return the sandbox's process; the product knows only its address."""
    arguments = {
        "--port": plan.sandbox_port,
        "--smtp-port": plan.smtp_port,
        "--data": plan.data,
        "--public-url": plan.sandbox_url,
        "--product-url": plan.public_url,
        "--webhook-url": f"http://127.0.0.1:{plan.port}/api/stripe/webhook",
    }
    words = (str(word) for pair in arguments.items() for word in pair)
    command = (sys.executable, "-m", "coursebook.sandbox", *words)
    return ChildSpec("The sandbox", command, plan.environment, ROOT, is_silent=True)


def renderer_spec(plan: Plan, pages: Path) -> ChildSpec | None:
    """The program that renders the built `pages` on request, or None where it cannot run.

    It reads only the pages, so it gets no keys and no addresses.
    """
    node, socket = node_program(), renderer_socket(plan)
    if node is None or socket is None:
        return None
    built = str(pages.joinpath(*reflex_environment.SERVER))
    command = (node, f"--max-old-space-size={RENDERER_MEGABYTES}", str(RENDERER), built, socket)
    variables = {"NODE_ENV": "production"}
    return ChildSpec("The renderer", command, variables, ROOT, is_silent=True, has_own_stderr=True)


def renderer_socket(plan: Plan) -> str | None:
    """Return the shortest way to the renderer's socket, seen from ROOT.

    None where even that is longer than an address of a socket can be (108 bytes, unix(7); 104 on
    macOS): the pages are static shells then.
    """
    path = plan.data / "renderer.sock"
    shortest = min(str(path), os.path.relpath(path, ROOT), key=len)
    return shortest if len(os.fsencode(shortest)) <= MAX_SOCKET_PATH else None


def product_spec(plan: Plan, pages: Path) -> ChildSpec:
    """Return the product's process: granian on the built `pages`."""
    socket = renderer_socket(plan) or ""
    variables = {reflex_environment.WEB_FOLDER: str(pages), "COURSEBOOK_RENDERER": socket}
    variables[VARIABLE] = CLERK if plan.settings.has_clerk else ""
    variables[BEATS] = str(plan.beats_folder)
    if plan.counts_folder:
        variables[COUNTS] = str(plan.counts_folder)
    variables["DATABASE_CONNECTIONS"] = str(plan.connections)
    environment = {**plan.environment, **variables}
    return ChildSpec("The product", (sys.executable, "-m", *_serving(plan)), environment, ROOT)


def _serving(plan: Plan) -> tuple[str, ...]:
    arguments = ["granian", "--interface", "asgi", "--factory", "--host", plan.host]
    arguments += ["--port", str(plan.port), "--workers", str(plan.workers)]
    arguments += ["--workers-kill-timeout", str(GRACE_SECONDS), "--log-level", "warning"]
    if plan.workers > 1:
        arguments.append("--respawn-failed-workers")
    if plan.settings.log_json:
        arguments += ["--log-config", str(GRANIAN_LOG)]
    return (*arguments, "coursebook.asgi:factory")
