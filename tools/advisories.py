"""`python tools/advisories.py https://api.osv.dev`: known vulnerabilities of the locked packages.

Asks a database that speaks the OSV protocol (google.github.io/osv.dev/post-v1-querybatch) about
every pinned Python and npm package. Exits 1 when it knows advisories, and prints them; exits 2
when it does not answer. Only names and versions are sent.
"""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
OF_A_SCHOOL = Path(".reflex", "pins")
"""Our npm pins with the packages that the pages of a school add, once they are built here."""
BATCH_SIZE = 500
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Pin:
    """One package at one version, as the lock files name it."""

    ecosystem: str
    name: str
    version: str

    @property
    def query(self) -> dict[str, object]:
        """The OSV query for this package."""
        package = {"ecosystem": self.ecosystem, "name": self.name}
        return {"package": package, "version": self.version}

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.ecosystem})"


def pins(root: Path = ROOT) -> list[Pin]:
    """Return the packages in the lock files of `make setup`, of the pages and of a school's own."""
    python = PIN.findall((root / "requirements.lock").read_text(encoding="utf-8"))
    npm = {
        (path.rpartition("node_modules/")[2], about["version"])
        for folder in (root, root / OF_A_SCHOOL)
        for lock in sorted(folder.glob("reflex.lock*/package-lock.json"))
        for path, about in json.loads(lock.read_text(encoding="utf-8"))["packages"].items()
        if path and "version" in about
    }
    return [Pin("PyPI", *package) for package in python] + [
        Pin("npm", *package) for package in sorted(npm)
    ]


def known_advisories(database: str, pins_to_check: list[Pin]) -> dict[Pin, list[str]]:
    """Return the advisories by package, for packages that have any. Raises httpx.HTTPError."""
    advisories_by_pin: dict[Pin, list[str]] = {}
    with httpx.Client(base_url=database, timeout=TIMEOUT_SECONDS) as client:
        for start in range(0, len(pins_to_check), BATCH_SIZE):
            batch = pins_to_check[start : start + BATCH_SIZE]
            answer = client.post("/v1/querybatch", json={"queries": [pin.query for pin in batch]})
            answer.raise_for_status()
            for pin, result in zip(batch, answer.json()["results"], strict=True):
                if result.get("vulns"):
                    advisories_by_pin[pin] = [advisory["id"] for advisory in result["vulns"]]
    return advisories_by_pin


def main(arguments: list[str]) -> int:
    """Ask, print, and return the exit code."""
    if len(arguments) != 1:
        print(__doc__)
        return 2
    pins_to_check = pins()
    try:
        advisories_by_pin = known_advisories(arguments[0], pins_to_check)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        print(f"{arguments[0]} does not answer as a database of advisories: {error!r}")
        return 2
    for pin, advisories in advisories_by_pin.items():
        print(f"{pin}: {', '.join(advisories)}")
    print(f"{len(pins_to_check)} packages, {len(advisories_by_pin)} with known vulnerabilities.")
    return 1 if advisories_by_pin else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
