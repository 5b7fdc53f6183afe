"""The frame around every dashboard page: menu, search, the sandbox's time."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.dashboard.labels import DONE
from coursebook.sandbox.html_pages import page
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Body

MENU = (
    ("Overview", "/"),
    ("Payments", "/payments"),
    ("Refunds", "/refunds"),
    ("Disputes", "/disputes"),
    ("Payouts", "/payouts"),
    ("Events", "/events"),
    ("Mail", "/mailbox"),
    ("Sign-ins", "/sign-ins"),
    ("Clock", "/clock"),
    ("Faults", "/faults"),
)
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Frame:
    """Render the pages of the dashboard."""

    options: SandboxOptions
    clock: Clock

    def show(
        self,
        template: str,
        request: Request,
        *,
        status: int = 200,
        policy: str = POLICY,
        problem: str = "",
        **values: object,
    ) -> HTMLResponse:
        """Return a page. `problem` is an error message for the top of the page."""
        active = "/" + request.url.path.split("/")[1]
        response = page(
            template,
            status,
            menu=MENU,
            here=active,
            product=self.options.product_url,
            test_controls=self.options.test_controls,
            now=written_time(self.clock.now()),
            ahead=ahead_in_words(self.clock.offset),
            when=written_time,
            done="" if problem else DONE.get(request.query_params.get("done", ""), ""),
            problem=problem,
            **values,
        )
        response.headers["Content-Security-Policy"] = policy
        return response


def written_time(second: float) -> str:
    """Return a time as text in UTC."""
    return datetime.fromtimestamp(second, UTC).strftime("%d %b %Y, %H:%M:%S UTC")


def ahead_in_words(seconds: float) -> str:
    """Return the offset of the clock as text, empty when there is none."""
    rest, parts = round(seconds), []
    for size, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {word}{'s' if number > 1 else ''}")
    return ", ".join(parts) or ("less than a minute" if rest else "")


def as_json_text(body: Body) -> str:
    """Return an object as indented JSON, without private keys."""
    shown = {key: value for key, value in body.items() if not key.startswith("_")}
    return json.dumps(shown, indent=2, ensure_ascii=False)
