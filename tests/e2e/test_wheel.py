"""The wheel, installed in a clean environment: start in an empty folder, book, pay, stop."""

import asyncio
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import httpx
import psutil
import pytest

from coursebook import __version__
from tests.e2e.people import eventually
from tests.support import cards
from tests.support.notify_socket import notify_socket
from tests.support.stack import ROOT, Stack, end_with_children, running_stack

NOBODY_LISTENS = (ConnectionRefusedError, httpx.ConnectError)
EXTENSION = {
    "pyproject.toml": """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "kiln-club"
version = "1.0"

[project.entry-points."coursebook.extensions"]
kiln_club = "kiln_club"
""",
    "kiln_club/__init__.py": """
import structlog

from coursebook.extend import Extension, Services


async def look_at_kilns(services: Services) -> None:
    structlog.get_logger(__name__).info("kiln.looked_at", now=services.clock().isoformat())


extension = Extension(name="kiln_club", jobs=(look_at_kilns,))
""",
    "kiln_club/words/en.toml": 'BOOK_NOW = "Fire me up"\n',
}
"""A package as somebody else would publish it: a job of the worker and a text, but no page."""
OUR_PACKAGES = Path(next(iter(distributions(name="reflex"))).locate_file("")).resolve()


@dataclass(frozen=True)
class Installation:
    """A virtual environment with the wheel, and an empty folder beside it."""

    environment: Path
    home: Path

    @property
    def command(self) -> str:
        """The installed `coursebook`."""
        return str(self.environment / "bin" / "coursebook")

    @property
    def package(self) -> Path:
        """The folder of the installed package."""
        return next(self.environment.glob("lib/python*/site-packages")) / "coursebook"

    def add(self, files: Mapping[str, str], folder: Path) -> None:
        """Install another package, made of these files, beside the wheel."""
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        self.pip("--no-build-isolation", str(folder))

    def pip(self, *arguments: str) -> None:
        """Install something without its dependencies, and without a network."""
        python = str(self.environment / "bin" / "python")
        command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
        subprocess.run([*command, "--no-deps", "--no-index", *arguments], check=True)

    def snapshot(self) -> dict[str, int]:
        """Return the files of the package with their times of change."""
        files = [path for path in self.package.rglob("*") if "__pycache__" not in path.parts]
        return {str(path): path.stat().st_mtime_ns for path in files}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in an environment of its own.

    The packages that it depends on are those of our own environment, seen through a path file: so
    their commands (npm) and coursebook's sources are not there, and nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("wheel")
    builder = [sys.executable, str(ROOT / "tools" / "build_wheel.py"), str(folder)]
    subprocess.run(builder, check=True, cwd=ROOT)
    (wheel,) = folder.glob("coursebook-*.whl")
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    made = Installation(environment, folder / "home")
    made.pip(str(wheel))
    (made.package.parent / "dependencies.pth").write_text(f"{OUR_PACKAGES}\n")
    made.home.mkdir()
    return made


def test_the_installed_command_says_its_version(installation: Installation, tmp_path: Path) -> None:
    answer = subprocess.run(
        [installation.command, "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (answer.stdout, answer.stderr) == (f"coursebook {__version__}\n", "")
    assert list(tmp_path.iterdir()) == []


async def test_it_starts_in_an_empty_folder_without_npm_sells_a_place_and_ends_at_ctrl_c(
    installation: Installation, tmp_path: Path
) -> None:
    before = installation.snapshot()
    outside = {"PATH": str(tmp_path / "nothing"), "HOME": str(tmp_path / "nothing")}
    with (
        notify_socket(tmp_path) as systemd,
        running_stack(
            tmp_path,
            command=installation.command,
            home=installation.home,
            WORKER_SECONDS="1",
            **outside,
            **systemd.settings,
        ) as stack,
    ):
        assert systemd.states(2) == ["READY=1", "WATCHDOG=1"]
        assert "Building the pages" not in stack.log.read_text()
        await _looks_as_built(stack)
        await asyncio.to_thread(_book_and_pay, stack)
        assert end_with_children(stack.process, seconds=10) == []
        assert stack.process.returncode == 0
        assert systemd.states(1) == ["STOPPING=1"]
        with pytest.raises(NOBODY_LISTENS):
            await asyncio.to_thread(httpx.get, f"{stack.sandbox_url}/healthz")
        assert stack.trouble() == ""
    assert installation.snapshot() == before, "nothing is written below the installed package"
    assert {path.name for path in installation.home.iterdir()} <= {".reflex"}


def test_an_extension_from_pip_needs_no_npm_and_a_killed_command_leaves_no_orphan(
    installation: Installation, tmp_path: Path
) -> None:
    installation.add(EXTENSION, tmp_path / "kiln-club")
    outside = {"PATH": str(tmp_path / "nothing"), "HOME": str(tmp_path / "nothing")}
    with running_stack(
        tmp_path, command=installation.command, home=installation.home, **outside
    ) as stack:
        assert "Building the pages" not in stack.log.read_text()
        course = stack.api().get("/api/courses?available=true").json()["items"][0]
        assert "Fire me up" in httpx.get(f"{stack.url}/courses/{course['slug']}", timeout=30).text
        asyncio.run(eventually(lambda: "kiln.looked_at" in stack.log.read_text()))
        assert stack.trouble() == ""
        family = psutil.Process(stack.process.pid).children(recursive=True)
        assert len(family) >= 3  # the sandbox, granian and its worker
        stack.process.kill()
        stack.process.wait()
        _, survivors = psutil.wait_procs(family, timeout=15)
        assert [child.cmdline() for child in survivors] == []


async def _looks_as_built(stack: Stack) -> None:
    """The page is drawn on the server, in both languages, and its files are there."""
    async with httpx.AsyncClient(base_url=stack.url, follow_redirects=True, timeout=30) as client:
        for language in ("en", "de"):
            page = await client.get("/courses", headers={"Accept-Language": language})
            assert page.headers["Content-Language"] == language
            assert 'href="/courses/' in page.text
        for path in ("/theme.css", "/og.png", "/api/docs"):
            assert (await client.get(path)).status_code == httpx.codes.OK, path


def _book_and_pay(stack: Stack) -> None:
    client = stack.api("sam@example.test")
    course = client.get("/api/courses").json()["items"][0]
    answer = client.post("/api/stripe/checkout", json={"course_id": course["id"]})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    stack.control(f"sessions/{answer.json()['session_id']}/pay", card=cards.VISA)
    booking = answer.json()["booking_id"]
    asyncio.run(
        eventually(lambda: client.get(f"/api/bookings/{booking}").json()["status"] == "confirmed")
    )
    stack.close_clients()
