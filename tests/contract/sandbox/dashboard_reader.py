"""Reads the sandbox's dashboard as a person does."""

import re
from html import unescape

import httpx

from tests.support.sandbox import SandboxProcess


class DashboardReader:
    """A browser without JavaScript that reads pages and sends forms."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.http = httpx.Client(base_url=sandbox.url, timeout=30, verify=False, trust_env=False)

    def text(self, path: str) -> str:
        """Return the words of a page."""
        return text_of(self.http.get(path).text)

    def send(self, path: str, /, **fields: str) -> httpx.Response:
        """Send a form and return the page after it."""
        headers = {"Origin": str(self.http.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        answer = self.http.post(path, data=fields, headers=headers)
        if answer.status_code == httpx.codes.SEE_OTHER:
            return self.http.get(answer.headers["location"])
        return answer


def text_of(html: str) -> str:
    """Return a page's text on one line."""
    body = html.split("<main", 1)[-1].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", "<main" + body)).split())
