"""Draw a JPEG beside each course picture in SVG, for mails: Gmail and Outlook show no SVG.

    .venv/bin/python tools/mail_pictures.py

Needs Chromium, as the browser tests do. Run it after a picture in assets/courses has changed.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "assets" / "courses"
SIZE = {"width": 800, "height": 500}
QUALITY = 80

sys.path.insert(0, str(ROOT))

from tests.support.server_programs import find_chromium  # noqa: E402


def main() -> None:
    """Draw every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        page = browser.new_page(viewport=SIZE)
        for drawing in sorted(PICTURES.glob("*.svg")):
            page.goto(drawing.as_uri())
            page.screenshot(path=drawing.with_suffix(".jpg"), type="jpeg", quality=QUALITY)
        browser.close()


if __name__ == "__main__":
    main()
