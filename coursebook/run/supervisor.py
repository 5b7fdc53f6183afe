"""Starts the parts in order, watches over them, ends them together."""

import signal
import subprocess
import sys
import threading
import time
from types import FrameType

from coursebook.run.banner import banner
from coursebook.run.children import Child
from coursebook.run.paths import ROOT
from coursebook.run.plan import GRACE_SECONDS, Plan, product_spec, sandbox_spec
from coursebook.run.ports import require_free
from coursebook.run.problem import CannotStart
from coursebook.run.running import sole_run
from coursebook.run.steps import step
from coursebook.run.ui_build import ensure_pages, lay_out_for_reloading
from coursebook.run.waiting import wait_until_ready

SANDBOX_SECONDS = 30.0
PRODUCT_SECONDS = 90.0
RELOADING_SECONDS = 300.0
LOOK_SECONDS = 0.2


class Supervisor:
    """One run. `run()` returns the exit code; signals only set a flag."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.children: list[Child] = []
        self.stop = threading.Event()

    def run(self) -> int:
        """Start everything and stay until Ctrl-C or SIGTERM. Raises CannotStart."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_asked)
        plan = self.plan
        facts = {"public_url": plan.public_url, "sandbox_url": plan.sandbox_url}
        with sole_run(plan.data, facts):
            try:
                self._start()
                while not self.stop.wait(LOOK_SECONDS):
                    now = time.monotonic()
                    for child in self.children:
                        child.tend(now)
            finally:
                self._end()
        return 0

    def _start(self) -> None:
        self._check_ports()
        pages = lay_out_for_reloading() if self.plan.is_reloading else ensure_pages()
        if self.stop.is_set():
            return
        if self.plan.sandbox_port:
            self._add(Child(sandbox_spec(self.plan)))
        with step("Preparing the database"):
            self._prepare_database()
        if self.plan.sandbox_port:
            url = f"http://127.0.0.1:{self.plan.sandbox_port}/healthz"
            self._wait(self.children[0], url, SANDBOX_SECONDS)
        with step("Starting"):
            product = self._add(Child(product_spec(self.plan, pages)))
            seconds = RELOADING_SECONDS if self.plan.is_reloading else PRODUCT_SECONDS
            self._wait(product, f"http://127.0.0.1:{self.plan.port}/api/ready", seconds)
        if not self.stop.is_set():
            print(banner(self.plan), flush=True)

    def _check_ports(self) -> None:
        option = "choose another with --port N or PORT=N"
        require_free(self.plan.port, "the product", option)
        if self.plan.sandbox_port:
            require_free(self.plan.sandbox_port, "the sandbox, one above the product", option)
            require_free(self.plan.smtp_port, "the sandbox's mailbox, two above", option)

    def _prepare_database(self) -> None:
        command = [sys.executable, "-m", "coursebook.run.prepare"]
        if self.plan.sandbox_port:
            command.append("--seed-if-empty")
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.plan.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and not self.stop.is_set():
            raise CannotStart(done.stderr.strip() or "The database could not be prepared.")

    def _add(self, child: Child) -> Child:
        child.start()
        self.children.append(child)
        return child

    def _wait(self, child: Child, url: str, seconds: float) -> None:
        said = wait_until_ready(
            url,
            seconds=seconds,
            goes_on=lambda: child.ended() is None and not self.stop.is_set(),
        )
        if said is None or self.stop.is_set():
            return
        if child.ended() is not None:
            raise CannotStart(f"{child.spec.name} could not be started; the reason stands above.")
        raise CannotStart(f"{child.spec.name} is not ready after {seconds:.0f} s: {said}")

    def _end(self) -> None:
        for child in reversed(self.children):
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE_SECONDS + 2
        for child in reversed(self.children):
            child.make_sure_it_stopped(deadline)

    def _stop_asked(self, _number: int, _frame: FrameType | None) -> None:
        if self.stop.is_set():  # asked twice: no more patience
            for child in self.children:
                child.make_sure_it_stopped(0.0)
        self.stop.set()
