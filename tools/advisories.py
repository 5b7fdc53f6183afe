"""`python tools/advisories.py https://api.osv.dev`: known holes in the packages that are locked.

Asks a database that speaks the OSV protocol (google.github.io/osv.dev/post-v1-querybatch) about
every pinned Python and npm package. Prints what it knows and exits 1; exits 2 when it does not
answer. Nothing but names and versions leaves this machine.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
MOST_AT_ONCE = 500
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Pin:
    """One package at one version, as the lock files name it."""

    ecosystem: str
    name: str
    version: str

    @property
    def query(self) -> dict[str, object]:
        """The question about it."""
        package = {"ecosystem": self.ecosystem, "name": self.name}
        return {"package": package, "version": self.version}

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.ecosystem})"


def pins(root: Path = ROOT) -> list[Pin]:
    """Return everything that the lock files of `make setup` and of the pages name."""
    python = PIN.findall((root / "requirements.lock").read_text(encoding="utf-8"))
    npm = {
        (path.rpartition("node_modules/")[2], about["version"])
        for lock in sorted(root.glob("reflex.lock*/package-lock.json"))
        for path, about in json.loads(lock.read_text(encoding="utf-8"))["packages"].items()
        if path and "version" in about
    }
    return [Pin("PyPI", *one) for one in python] + [Pin("npm", *one) for one in sorted(npm)]


def known_holes(database: str, asked: list[Pin]) -> dict[Pin, list[str]]:
    """Return the advisories of each package that has any. Raises httpx.HTTPError."""
    found: dict[Pin, list[str]] = {}
    with httpx.Client(base_url=database, timeout=PATIENCE_SECONDS) as client:
        for start in range(0, len(asked), MOST_AT_ONCE):
            some = asked[start : start + MOST_AT_ONCE]
            answer = client.post("/v1/querybatch", json={"queries": [pin.query for pin in some]})
            answer.raise_for_status()
            for pin, result in zip(some, answer.json()["results"], strict=True):
                if result.get("vulns"):
                    found[pin] = [advisory["id"] for advisory in result["vulns"]]
    return found


def main(arguments: list[str]) -> int:
    """Ask, print, and return the exit code."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    asked = pins()
    try:
        found = known_holes(arguments[0], asked)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        print(f"{arguments[0]} does not answer as a database of advisories: {error!r}")
        return 2
    for pin, advisories in found.items():
        print(f"{pin}: {', '.join(advisories)}")
    print(f"{len(asked)} packages, {len(found)} with known holes.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
