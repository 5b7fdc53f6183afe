"""`coursebook token`: get a session token from the running sandbox."""

import os

import httpx

from coursebook.run.paths import ROOT
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.run.supervisor.locks import read_run


def sandbox_token(email: str, ttl: int) -> str:
    """Return a token in Clerk's format, valid for `ttl` seconds. Raises CannotStart."""
    url = _sandbox_url()
    try:
        answer = httpx.post(f"{url}/_test/token", json={"email": email, "ttl": ttl}, timeout=5)
    except httpx.TransportError:
        raise CannotStart(
            f"No sandbox answers at {url}: start one with `make run` (or `coursebook run`) first."
        ) from None
    if answer.status_code != httpx.codes.OK:
        raise CannotStart(f"The sandbox refused: {answer.text[:300]}")
    return str(answer.json()["token"])


def _sandbox_url() -> str:
    """Return the sandbox's address: from the settings, the current run, or the default port."""
    settings = settings_or_sentence()
    if settings.has_keys:
        raise CannotStart("Real keys are set, so there is no sandbox that could issue tokens.")
    run = read_run(ROOT / settings.coursebook_data)
    usual = f"http://localhost:{int(os.environ.get('PORT', '3000')) + 1}"
    return settings.coursebook_sandbox_url or run.get("sandbox_url") or usual
