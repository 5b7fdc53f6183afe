"""`python -m tests.bench.lighthouse`: Lighthouse on catalog, course and dashboard.

Lighthouse is no dependency of the project: npx fetches it when this is run. It drives a Chromium
that this program has signed in, so that the dashboard is the real one.
"""

import asyncio
import json
import subprocess
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from coursebook.run.paths import tool_environment
from tests.e2e.people import Person
from tests.support.browser import FLAGS
from tests.support.ports import free_run
from tests.support.server_programs import find_chromium
from tests.support.stack import Stack, running_stack

LIGHTHOUSE = "lighthouse@13.5.0"
PAGES = ("/courses", "/courses/tabla-first-rhythms", "/bookings")
MOST_SECONDS = 240


def main() -> None:
    """Start the stack and a signed-in browser, run Lighthouse, print the scores."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        asyncio.run(judged(stack, Path(folder)))


async def judged(stack: Stack, folder: Path) -> None:
    """Print the four scores of each page and the audits that cost points."""
    port = free_run(1)
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=find_chromium(),
            args=[*FLAGS, f"--remote-debugging-port={port}"],
            base_url=stack.url,
        )
        await Person(await context.new_page()).sign_in()
        for path in PAGES:
            report = await asyncio.to_thread(_report, f"{stack.url}{path}", port, folder)
            scores = {name: it["score"] for name, it in report["categories"].items()}
            print(path, {name: round(100 * (score or 0)) for name, score in scores.items()})
            for audit in report["audits"].values():
                if audit["score"] is not None and audit["score"] < 0.9:
                    print(f"    {audit['score']}: {audit['title']} {audit.get('displayValue', '')}")
        await context.close()


def _report(url: str, port: int, folder: Path) -> dict:
    out = folder / "report.json"
    command = ["npx", "--yes", LIGHTHOUSE, url, f"--port={port}", "--disable-storage-reset"]
    command += ["--quiet", "--output=json", f"--output-path={out}"]
    subprocess.run(command, check=True, timeout=MOST_SECONDS, env=tool_environment())
    return dict(json.loads(out.read_text()))


if __name__ == "__main__":
    main()
