"""Security headers of every answer, the content security policy, and blocked addresses."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from coursebook.http_security.content_policy import (
    DEFAULT_POLICY,
    SUBRESOURCE_POLICY,
    ContentPolicy,
)
from coursebook.http_security.csp_hashes import hashes_in, hashes_of_pages
from coursebook.http_security.page_sources import OWN_SITE, PageSources
from coursebook.http_security.security_headers import Message, Receive, Scope, SecurityHeaders, Send

HTML, JSON = "text/html; charset=utf-8", "application/json"
PAGE_POLICY = "the policy of a page"
SANDBOX = ContentPolicy("http://localhost:3000", "http://localhost:3001", is_clerk=False)
CLERK = ContentPolicy("https://courses.example.org", "https://clerk.example.org", is_clerk=True)


def rules(policy: str) -> dict[str, str]:
    parts = (rule.strip().partition(" ") for rule in policy.split(";"))
    return {name: value for name, _, value in parts}


def digest(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


async def ask(
    path: str,
    kind: str = HTML,
    *,
    public: str = "http://localhost:3000",
    status: int = 200,
    **own: str,
) -> tuple[int, dict[str, str]]:
    """Return status and headers of an answer that passed through the middleware."""
    sent: list[Message] = []

    async def program(_scope: Scope, _receive: Receive, send: Send) -> None:
        request_headers = {"content-type": kind, **{k.replace("_", "-"): v for k, v in own.items()}}
        headers = [(name.encode(), value.encode()) for name, value in request_headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    middleware = SecurityHeaders(program, public, PAGE_POLICY)
    await middleware({"type": "http", "path": path, "method": "GET", "headers": []}, receive, send)
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/courses", HTML), ("/api/courses", JSON), ("/assets/a.js", "text/javascript"), ("/x", HTML)],
)
async def test_every_answer_carries_the_same_headers(path: str, kind: str):
    _, headers = await ask(path, kind)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in (headers["content-security-policy"] + DEFAULT_POLICY)


@pytest.mark.parametrize("kind", [HTML, JSON, "text/plain", "application/octet-stream", ""])
async def test_documents_carry_the_headers_of_a_window(kind: str):
    _, headers = await ask("/x", kind)
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("kind", ["text/javascript; charset=utf-8", "font/woff2", "image/svg+xml"])
async def test_subresources_do_not_carry_the_headers_of_a_window(kind: str):
    _, headers = await ask("/assets/x", kind)
    assert not {"permissions-policy", "cross-origin-opener-policy"} & headers.keys()
    assert headers["content-security-policy"] == SUBRESOURCE_POLICY


async def test_an_answer_has_one_vary_header():
    _, headers = await ask("/x", vary="Accept-Encoding, Origin, Origin")
    assert headers["vary"] == "Accept-Encoding, Origin"


async def test_a_page_gets_the_policy_of_its_build_and_other_answers_run_no_script():
    assert (await ask("/courses"))[1]["content-security-policy"] == PAGE_POLICY
    for path, kind in (("/api/docs", HTML), ("/api/courses", JSON), ("/a.pdf", "application/pdf")):
        assert (await ask(path, kind))[1]["content-security-policy"] == DEFAULT_POLICY
    own = await ask("/courses", content_security_policy="of its own")
    assert own[1]["content-security-policy"] == "of its own"


async def test_a_not_modified_answer_keeps_the_cached_policy():
    _, headers = await ask("/bookings", "", status=304)
    assert "content-security-policy" not in headers
    assert headers["x-content-type-options"] == "nosniff"


async def test_hsts_is_sent_only_with_a_tls_address():
    assert "strict-transport-security" not in (await ask("/courses"))[1]
    secure = await ask("/courses", public="https://courses.example.org")
    assert secure[1]["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "path", ["/_upload", "/_upload/a.txt", "/_health", "/_all_routes", "/auth-codespace", "/ping"]
)
async def test_unused_endpoints_of_reflex_are_blocked(path: str):
    status, headers = await ask(path)
    assert status == 404
    assert headers["content-security-policy"] == DEFAULT_POLICY


@pytest.mark.parametrize(
    ("path", "origin", "passes"),
    [
        ("/_event", "http://localhost:3000", True),
        ("/_event/", "http://localhost:3000", True),
        ("/_event", None, True),
        ("/elsewhere", "http://localhost:3000", False),
        ("/_event", "https://evil.example", False),
        ("/_event", "http://localhost", False),
        ("/_event", "null", False),
    ],
)
async def test_a_socket_opens_at_one_path_and_for_our_own_origin_only(
    path: str, origin: str | None, passes: bool
):
    seen: list[Any] = []

    async def program(*call: Any) -> None:
        seen.append(call)

    async def send(message: Message) -> None:
        assert message["type"] == "websocket.close"

    headers = [(b"origin", origin.encode())] if origin else []
    query = b"token=3b241101-e2bb-4255-8caf-4136c566a962&EIO=4&transport=websocket"
    scope = {"type": "websocket", "path": path, "headers": headers, "query_string": query}
    await SecurityHeaders(program, "http://localhost:3000", "")(scope, None, send)  # type: ignore[arg-type]
    assert bool(seen) is passes


def test_a_page_runs_only_our_files_and_the_hashed_scripts():
    said = rules(SANDBOX.page(["sha256-b", "sha256-a"]))
    assert said["default-src"] == "'none'"
    assert said["script-src"] == "'self' 'sha256-a' 'sha256-b'"
    assert said["connect-src"] == "'self' ws://localhost:3000 http://localhost:3001"
    assert said["frame-ancestors"] == said["base-uri"] == "'none'"
    assert said["form-action"] == "'self'"
    assert "upgrade-insecure-requests" not in said
    for policy in (SANDBOX, CLERK):
        scripts = rules(policy.page(["sha256-a"]))["script-src"]
        assert not any(word in scripts for word in ("unsafe-inline", "unsafe-eval", "data:", "*"))


def test_a_style_sheet_inside_a_page_is_allowed_by_its_hash_where_not_all_are():
    inline = PageSources(inline_styles=True)
    for policy, sources in ((SANDBOX, OWN_SITE), (SANDBOX, inline), (CLERK, OWN_SITE)):
        styles = rules(policy.page([], sources, ["sha256-s"]))["style-src"].split()
        assert ("'sha256-s'" in styles) != ("'unsafe-inline'" in styles)


def test_the_policy_allows_clerk_and_its_bot_check():
    said = rules(CLERK.page([]))
    robots = "https://challenges.cloudflare.com"
    assert said["script-src"] == f"'self' https://clerk.example.org {robots}"
    assert said["connect-src"] == ("'self' wss://courses.example.org https://clerk.example.org")
    assert said["frame-src"] == robots
    assert "upgrade-insecure-requests" in said


def test_only_inline_scripts_are_hashed():
    html = (
        "<script>one()</script><script type='module' async>two()</script>"
        "<script type='application/json'>{}</script><script src='/a.js'></script>"
        "<script type='application/ld+json'>{}</script><p>text()</p>"
    )
    assert hashes_in(html) == {digest("one()"), digest("two()")}


def test_all_pages_of_a_build_are_read(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.html").write_text("<script>one()</script>")
    (tmp_path / "deep" / "index.html").write_text("<script>two()</script>")
    assert hashes_of_pages(tmp_path) == {digest("one()"), digest("two()")}
