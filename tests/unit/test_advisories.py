"""`tools/advisories.py`: the check against a stand-in, and against a real database."""

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.advisories import Pin, known_advisories, main, pins

DATABASE = "COURSEBOOK_ADVISORIES"


class AdvisoryDatabase(http.server.BaseHTTPRequestHandler):
    """A vulnerability database with one entry, for the locked version of stripe."""

    asked: list[dict[str, Any]]

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked += told["queries"]
        found = [
            {"vulns": [{"id": "GHSA-1"}, {"id": "PYSEC-2"}]}
            if query["package"] == {"ecosystem": "PyPI", "name": "stripe"}
            else {}
            for query in told["queries"]
        ]
        body = json.dumps({"results": found}).encode()
        self.send_response(200 if self.path == "/v1/querybatch" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of the stand-in."""
    AdvisoryDatabase.asked = []
    server = http.server.HTTPServer(("127.0.0.1", 0), AdvisoryDatabase)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_locked_package_is_queried_once_and_a_vulnerability_is_named(
    database: str, capsys: pytest.CaptureFixture[str]
):
    assert main([database]) == 1
    output = capsys.readouterr().out
    assert "stripe 16.1.0 (PyPI): GHSA-1, PYSEC-2" in output
    assert output.endswith(" packages, 1 with known vulnerabilities.\n")
    asked = [
        (q["package"]["ecosystem"], q["package"]["name"], q["version"])
        for q in AdvisoryDatabase.asked
    ]
    assert len(asked) == len(set(asked)) == len(pins()) > 100
    assert {("PyPI", "clerk-backend-api", "7.0.0"), ("PyPI", "reflex", "0.10.1")} <= set(asked)
    names = {name for ecosystem, name, _ in asked if ecosystem == "npm"}
    assert {"react", "react-router", "@react-router/node", "@clerk/react"} <= names


def test_the_packages_that_a_schools_own_pages_add_are_asked_about_too(tmp_path: Path):
    (tmp_path / "requirements.lock").write_text("httpx==1.0 \\\n")
    for place, version in (("reflex.lock", "19.3.1"), (".reflex/pins/reflex.lock", "19.3.1")):
        (tmp_path / place).mkdir(parents=True)
        packages = {"": {}, "node_modules/react": {"version": version}}
        if place.startswith("."):
            packages["node_modules/recharts"] = {"version": "3.8.0"}
        (tmp_path / place / "package-lock.json").write_text(json.dumps({"packages": packages}))
    assert [str(pin) for pin in pins(tmp_path)] == [
        "httpx 1.0 (PyPI)",
        "react 19.3.1 (npm)",
        "recharts 3.8.0 (npm)",
    ]


def test_without_vulnerabilities_it_ends_well(database: str):
    assert known_advisories(database, [Pin("PyPI", "httpx", "1.0")]) == {}


def test_an_unreachable_database_fails_the_check(capsys: pytest.CaptureFixture[str]):
    assert main(["http://127.0.0.1:1"]) == 2
    assert "does not answer" in capsys.readouterr().out


def test_no_installed_package_has_a_known_vulnerability():
    database = os.environ.get(DATABASE)
    if not database:
        pytest.skip(f"no database of advisories is named: {DATABASE}=https://api.osv.dev asks one")
    assert known_advisories(database, pins()) == {}
