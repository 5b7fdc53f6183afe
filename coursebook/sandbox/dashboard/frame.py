"""The frame around every page for a person: menu, search, the sandbox's time."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.dashboard.labels import DONE
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.rendering import page
from coursebook.sandbox.store import Body

MENU = (
    ("Overview", "/"),
    ("Payments", "/payments"),
    ("Refunds", "/refunds"),
    ("Disputes", "/disputes"),
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
    """Draws pages; `options` say what the sandbox is part of."""

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
        """Return a page. `problem` is a sentence about what was refused, shown at the top."""
        here = "/" + request.url.path.split("/")[1]
        answer = page(
            template,
            status,
            menu=MENU,
            here=here,
            product=self.options.product_url,
            test_controls=self.options.test_controls,
            now=written_time(self.clock.now()),
            ahead=ahead_in_words(self.clock.offset),
            when=written_time,
            done="" if problem else DONE.get(request.query_params.get("done", ""), ""),
            problem=problem,
            **values,
        )
        answer.headers["Content-Security-Policy"] = policy
        return answer


def written_time(second: float) -> str:
    """Return a time as people write it, with its zone."""
    return datetime.fromtimestamp(second, UTC).strftime("%d %b %Y, %H:%M:%S UTC")


def ahead_in_words(seconds: float) -> str:
    """Return how far the sandbox is ahead of the real time, or nothing when it is not."""
    left, parts = round(seconds), []
    for size, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        number, left = divmod(left, size)
        if number:
            parts.append(f"{number} {word}{'s' if number > 1 else ''}")
    return ", ".join(parts) or ("less than a minute" if left else "")


def as_json_text(body: Body) -> str:
    """Return an object as indented JSON, without the sandbox's own notes."""
    shown = {key: value for key, value in body.items() if not key.startswith("_")}
    return json.dumps(shown, indent=2, ensure_ascii=False)
