"""The supervisor: start the parts in order, restart those that end, end all together."""

import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType

from coursebook.run.build.school_pages import ensure_school_pages
from coursebook.run.build.subprocess_tools import run_tool
from coursebook.run.build.ui_build import known_libraries, warm_up_bundler
from coursebook.run.open_tabs import THEME
from coursebook.run.output import is_json_output, say
from coursebook.run.paths import ROOT, TOOLS
from coursebook.run.problem import CannotStart
from coursebook.run.progress import step
from coursebook.run.supervisor.child import Child, ChildSpec
from coursebook.run.supervisor.heartbeats import Heartbeats, belongs_to
from coursebook.run.supervisor.locks import sole_run
from coursebook.run.supervisor.plan import (
    GRACE_SECONDS,
    Plan,
    product_spec,
    renderer_spec,
    sandbox_spec,
)
from coursebook.run.supervisor.prepared_product import PreparedProduct
from coursebook.run.supervisor.readiness import lacks_only_redis, wait_until_ready
from coursebook.run.supervisor.source_changes import SourceChanges
from coursebook.run.supervisor.systemd import ALIVE, READY, STOPPING, notify_systemd
from coursebook.run.supervisor.warm_python import (
    WarmPython,
    retire_warm_python,
    start_warm_python,
    warm_python,
)
from coursebook.run.supervisor.warm_sources import BELOW_PAGES, SERVER, WarmSources
from coursebook.school import read_school
from coursebook.ui.reflex_compat.environment import CLIENT

SANDBOX_SECONDS = 60.0
PRODUCT_SECONDS = 180.0
RELOAD_GRACE_SECONDS = 0.02
"""Time that a program has to end while pages are developed: open tabs keep it busy."""
CHECK_SECONDS = 0.2
CHANGES_SECONDS = 0.02
"""How often edits are looked for while pages are developed."""
NO_REDIS = (
    "Redis (REDIS_URL) does not answer: pages can be read, bookings and payments go on, clicks on "
    "pages wait until it is back."
)
ALIVE_SECONDS = 5.0
ASSETS = "assets"
LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class _Stopped(BaseException):
    """Ctrl-C or SIGTERM came before everything had started."""


class Supervisor:
    """One run of the product. `run()` returns the exit code after Ctrl-C or SIGTERM."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children: list[Child] = []
        self.stop = threading.Event()
        self.heartbeats = Heartbeats(plan.beats_folder)
        self.lacks_redis = False
        self._last_notified = 0.0
        self._is_starting = False
        self._pages = ROOT
        self._warm_sources: WarmSources | None = None
        self._retired: list[WarmPython] = []

    def run(self) -> int:
        """Start everything and stay until Ctrl-C or SIGTERM. Raises CannotStart."""
        plan = self.plan
        facts = {"public_url": plan.public_url, "sandbox_url": plan.sandbox_url}
        with sole_run(plan.data, facts):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._stop_asked)
            try:
                self._is_starting = True
                self._start()
                self._is_starting = False
                self._watch()
            except _Stopped:
                say("Stopped before everything had started.")
            finally:
                self._is_starting = False
                self._end()
        return 0

    def _built_pages(self) -> Path:
        """Return the folder of the pages, built if their sources have changed."""
        settings = self.plan.settings
        pages = ensure_school_pages(read_school(settings), has_clerk=settings.has_clerk)
        self._pages = pages
        return pages

    def _start(self) -> None:
        self._check_ports()
        self.heartbeats.begin()
        pages = self._built_pages()
        if self.plan.sandbox_port:
            self._add(Child(sandbox_spec(self.plan)))
        with step("Preparing the database"):
            self._prepare_database()
        if self.plan.sandbox_port:
            url = f"http://127.0.0.1:{self.plan.sandbox_port}/healthz"
            self._wait(self.children[0], url, SANDBOX_SECONDS)
        if self.plan.counts_folder:  # each run counts from zero
            shutil.rmtree(self.plan.counts_folder, ignore_errors=True)
            self.plan.counts_folder.mkdir(parents=True)
        with step("Starting"):
            for spec in self._specs(pages):
                product = self._add(Child(spec))
            self._wait_for_product(product)
        if self.lacks_redis:
            say(NO_REDIS)
        ready = f"coursebook is ready: {self.plan.public_url}"
        say(ready if is_json_output() else banner(self.plan))

    def _specs(self, pages: Path) -> list[ChildSpec]:
        """Return what serves these pages: the renderer, if there is one, then the product."""
        renderer = renderer_spec(self.plan, pages)  # not awaited: the pages work without it
        return [*([renderer] if renderer else []), product_spec(self.plan, pages)]

    def _wait_for_product(self, product: Child) -> None:
        self._wait(product, f"http://127.0.0.1:{self.plan.port}/api/ready", PRODUCT_SECONDS)

    def _reload(self, changed: list[str]) -> None:
        """Build what has changed and restart what serves; on a mistake the old pages stay.

        The theme alone is served as it is: open tabs load it over the copy in the built pages.
        """
        started = time.monotonic()
        theme = ROOT / ASSETS / THEME
        if changed == [str(theme)] and theme.exists():
            shutil.copyfile(theme, self._pages.joinpath(*CLIENT, THEME))
            say(f"Replaced in open tabs: {ASSETS}/{THEME}")
            return
        if self._warm_sources and not self._warm_sources.are_as_imported(changed):
            self._retire()
        following = self._prepared()
        problem = ""
        try:
            pages = self._built_pages()
        except CannotStart as error:
            problem = str(error)
        if following:  # it knows file and line
            problem = following.problem() or problem
        if problem:
            if following:
                following.drop()
            say(problem)
            return
        retired, self._retired = self._retired, []
        try:
            self._serve(pages, following)
        except CannotStart as error:
            say(str(error))
            return
        finally:
            for warm in retired:  # nothing that serves comes from it any more
                warm.stop()
        files = ", ".join(os.path.relpath(path, ROOT) for path in changed[:3])
        say(f"Reloaded after {time.monotonic() - started:.1f} s: {files}")

    def _prepared(self) -> PreparedProduct | None:
        """Return a product that imports the sources from now on; None where nothing can fork."""
        warm, spec = self._warm(), product_spec(self.plan, self._pages)
        with suppress(OSError):  # the process has died: what follows is started as ever
            return PreparedProduct(warm, spec) if warm else None
        return None

    def _warm(self) -> WarmPython | None:
        """Return the warm process; start one, of the sources as they are now, if there is none."""
        if warm_python() is None:
            self._warm_sources = WarmSources(self.plan.settings.school_dir)
        environment = product_spec(self.plan, self._pages).environment
        return start_warm_python([*known_libraries(), *SERVER, *BELOW_PAGES], environment, TOOLS)

    def _retire(self) -> None:
        """Fork nothing more from the warm process; what serves stays until it is replaced."""
        if warm := retire_warm_python():
            self._retired.append(warm)

    def _serve(self, pages: Path, following: PreparedProduct | None) -> None:
        """Let what serves now make way for the renderer of `pages` and the next product.

        Raises CannotStart.
        """
        *others, product = self._specs(pages)
        serving = {child.spec.name: child for child in self.children}
        deadline = time.monotonic() + RELOAD_GRACE_SECONDS
        for spec in others:
            serving[spec.name].restart_as(spec, deadline)
        prepared = partial(following.serve, product.environment) if following else None
        serving[product.name].restart_as(product, deadline, prepared)
        self._wait_for_product(serving[product.name])

    def _watch(self) -> None:
        school = self.plan.settings.school_dir
        changes = SourceChanges(school, self.stop) if self.plan.is_reloading else None
        if changes:
            self._warm()
            warm_up_bundler()
        notify_systemd(READY)
        while not self.stop.wait(CHANGES_SECONDS if changes else CHECK_SECONDS):
            if changes and (changed := changes.take()):
                self._reload(changed)
            now = time.monotonic()
            for child in self.children:
                child.restart_if_ended(now)
            self._replace_hung(now)

    def _replace_hung(self, now: float) -> None:
        """Kill the processes without heartbeats, and notify systemd that we are alive."""
        pids = [child.pid for child in self.children if child.pid]
        for pid in self.heartbeats.hung(now, pids):
            for child in self.children:
                if child.pid and belongs_to(pid, child.pid):
                    say(f"{child.spec.name} (process {pid}) does not respond; replacing it.")
                    child.replace(pid)
        if now >= self._last_notified + ALIVE_SECONDS:
            notify_systemd(ALIVE)
            self._last_notified = now

    def _check_ports(self) -> None:
        option = "choose another with --port N or PORT=N"
        require_free(self.plan.port, "the product", option)
        if self.plan.sandbox_port:
            require_free(self.plan.sandbox_port, "the sandbox, one above the product", option)
            require_free(self.plan.smtp_port, "the sandbox's mailbox, two above", option)

    def _prepare_database(self) -> None:
        command = [sys.executable, "-m", "coursebook.run.commands.preparation", "--start"]
        if self.plan.sandbox_port:
            command += ["--seed-if-empty", "--team"]
        with tempfile.TemporaryFile("w+") as output:
            code = run_tool(command, self.plan.environment, output)
            output.seek(0)
            if code:
                raise CannotStart(output.read().strip() or "The database could not be prepared.")

    def _add(self, child: Child) -> Child:
        self.children.append(child)
        child.start()
        return child

    def _wait(self, child: Child, url: str, seconds: float) -> None:
        output = wait_until_ready(
            url,
            seconds=seconds,
            should_continue=lambda: child.ended() is None,
            is_enough=lacks_only_redis,
        )
        if output is None:
            return
        if child.ended() is None and lacks_only_redis(output):
            self.lacks_redis = True
            return
        if child.ended() is not None:
            raise CannotStart(f"{child.spec.name} could not be started; see the reason above.")
        raise CannotStart(f"{child.spec.name} is not ready after {seconds:.0f} s: {output}")

    def _end(self) -> None:
        notify_systemd(STOPPING)
        for child in reversed(self.children):
            child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS + 2
        for child in reversed(self.children):
            child.wait_or_kill(deadline)
        self._retire()
        for warm in self._retired:
            warm.stop()

    def _stop_asked(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():  # the second request: kill at once
            for child in self.children:
                child.kill()
        self.stop.set()
        if self._is_starting:
            self._is_starting = False
            raise _Stopped


def require_free(port: int, purpose: str, option: str) -> None:
    """Raise CannotStart when another program listens on `port` of this machine.

    Both loopback addresses are tried: a browser opens `localhost` at `::1` first, so a program
    that listens there would get our visitors. `option` says how to choose another port.
    """
    if not 0 < port < 65536:  # noqa: PLR2004
        raise CannotStart(f"{port} is not a valid port number (1 to 65535); {option}.")
    for family, address in LOOPBACKS:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError:
                raise CannotStart(f"Port {port} ({purpose}) needs root; {option}.") from None
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise CannotStart(
                        f"Port {port} ({purpose}) is in use by another program; {option}."
                    ) from None
                # EADDRNOTAVAIL, EAFNOSUPPORT: a machine without IPv6


def banner(plan: Plan) -> str:
    """Return the text for the terminal: the address and, in the sandbox, how to sign in and pay."""
    lines = ["", f"  coursebook is ready: {plan.public_url}", ""]
    if plan.sandbox_url:
        lines += [
            "  Sign in as  Sam or Sally (students) or Olga (operator),",
            "              Tara (teacher) or Ari (accountant)",
            "  Pay with    4242 4242 4242 4242, any future date, any CVC: no money moves",
            f"  Read mail   {plan.sandbox_url}/mailbox",
            f"  Sandbox     {plan.sandbox_url} (stands in for Stripe and sign-in)",
        ]
    else:
        mode = "live: real money moves" if plan.settings.is_live else "test mode: no money moves"
        lines.append(f"  Stripe is in {mode}")
    return "\n".join([*lines, "", "  Press Ctrl-C to stop.", ""])
