"""HTTP security of the running product: other origins, strangers and injected scripts."""

import re
from urllib.parse import urlencode

import httpx
import pytest
from playwright.async_api import Page, expect

from coursebook.http_security.socket_protocol import SOCKET
from coursebook.ui.presenters.catalog_filters import Filters
from tests.e2e.people import Person, eventually, open_course
from tests.support import cards
from tests.support.attacks import SCRIPT
from tests.support.browser import Visitors
from tests.support.socket_client import socket_client
from tests.support.stack import Stack

WATCH = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.warn("policy: " + event.violatedDirective + " " + event.blockedURI);
});
"""
EVERYWHERE = (
    "/",
    "/courses",
    "/courses/there-is-no-such-course",
    "/bookings",
    "/nowhere",
    "/theme.css",
    "/favicon.svg",
    "/assets/nothing.js",
    "/api/courses",
    "/api/nowhere",
    "/api/docs",
    "/api/docs.css",
    "/metrics",
    "/robots.txt",
    "/_upload",
    "/payment",
)
EVIL = "https://evil.example"
TAB = "3b241101-e2bb-4255-8caf-4136c566a962"


def asked(stack: Stack, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    request_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, f"{stack.url}{path}", headers=request_headers, timeout=30)


def test_every_answer_carries_the_headers(stack: Stack):
    answers = [asked(stack, path) for path in EVERYWHERE]
    answers += [asked(stack, "/api/courses", "POST"), asked(stack, "/courses", "POST")]
    for answer in answers:
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, answer.url
        assert "frame-ancestors 'none'" in policy, answer.url
        assert "script-src" not in policy or "unsafe" not in policy.split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff", answer.url
        assert headers["referrer-policy"] == "same-origin", answer.url
        assert "strict-transport-security" not in headers, "HSTS must not be sent for localhost"
    assert asked(stack, "/_upload").status_code == 404


def test_two_visitors_of_a_kept_page_share_no_secret(stack: Stack):
    first, second = asked(stack, "/courses"), asked(stack, "/courses")
    policies = {answer.headers["content-security-policy"] for answer in (first, second)}
    assert len(policies) == 1
    assert "nonce" not in policies.pop() + first.text


async def test_no_step_of_the_whole_journey_breaks_the_policy(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    page = await visitors.open()
    broken = await watched(page)
    sam = Person(page)
    await page.goto("/courses")
    await page.get_by_label("Search courses").fill(course.title)
    await page.get_by_role("article").get_by_role("link", name=course.title).click()
    await sam.press("Book now")
    await sam.press("Continue as Sam Student")
    await sam.on_the_payment_page()
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sam.bookings(course)
    await sam.booking_of(course).get_by_role("button", name="Cancel booking").click()
    await page.get_by_role("dialog").get_by_role("button", name="Yes, cancel it").click()
    await expect(sam.booking_of(course).get_by_text("Cancelled", exact=True)).to_be_visible()
    for address in ("/api/docs", stack.sandbox_url, f"{stack.sandbox_url}/mailbox"):
        await page.goto(address)
    assert broken == []


async def test_an_injected_script_and_a_foreign_frame_do_nothing(visitors: Visitors):
    visitors.forgive("Content Security Policy|frame-ancestors|Refused|violates")
    page = await visitors.open()
    broken = await watched(page)
    await page.goto("/courses")
    await page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.taken = 1";
          const picture = document.createElement("img");
          picture.setAttribute("onerror", "window.taken = 2");
          picture.src = "https://evil.example/x.png";
          const away = document.createElement("script");
          away.src = "https://evil.example/x.js";
          document.body.append(script, picture, away);
        }"""
    )
    await eventually(lambda: len(broken) >= 3)
    assert await page.evaluate("window.taken") is None
    assert {line.split()[1].removesuffix("-elem") for line in broken} >= {"script-src", "img-src"}


async def watched(page: Page) -> list[str]:
    """Return a list that collects every policy violation from now on."""
    broken: list[str] = []
    await page.add_init_script(WATCH)
    page.on("console", lambda m: broken.append(m.text) if m.text.startswith("policy:") else None)
    return broken


def test_another_site_is_granted_nothing(stack: Stack):
    for origin in (EVIL, "null", f"{stack.url}.evil.example", stack.url.replace("http", "https")):
        for path in ("/api/courses", "/courses", "/api/bookings"):
            answer = asked(stack, path, Origin=origin)
            assert "access-control-allow-origin" not in answer.headers, (origin, path)
        asks = {"Access_Control_Request_Method": "POST", "Origin": origin}
        answer = asked(stack, "/api/stripe/checkout", "OPTIONS", **asks)
        assert "access-control-allow-origin" not in answer.headers, origin


async def test_the_socket_opens_for_our_own_pages_and_for_no_other_site(stack: Stack):
    for origin in (EVIL, "null", "http://localhost", "file://", f"{stack.url}.evil.example"):
        assert knock(stack, f"{SOCKET}/?token={TAB}&EIO=4&transport=websocket", origin) == 403
    assert knock(stack, "/elsewhere", stack.url) == 403
    async with socket_client(stack.url, Origin=stack.url) as tab:
        assert await tab.is_open()


def knock(stack: Stack, path: str, origin: str) -> int:
    """Return the status of a refused socket."""
    asks = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    asks |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": origin}
    return httpx.get(f"{stack.url}{path}", headers=asks, timeout=30).status_code


def test_no_query_of_a_page_gives_markup_back(stack: Stack):
    names = (*Filters.__dataclass_fields__, "from", "to", "next", "session_id", "booking_id", "x")
    pages = ("/", "/courses", "/courses/none", "/payment/success", "/payment/cancel", "/sign-in")
    for path in pages:
        for payload in (*SCRIPT, "' OR 1=1 --") if path == "/courses" else SCRIPT[:2]:
            answer = asked(stack, f"{path}?{urlencode(dict.fromkeys(names, payload))}")
            assert answer.status_code in (200, 404), (path, payload)
            assert "<" not in payload or payload not in answer.text, (path, payload)
            assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example/%2e%2e",
        "/%2f%2fevil.example/..",
        "/\\evil.example",
        "/courses//evil.example/",
        "/assets//evil.example/..%2f",
        "/.//evil.example/courses/..",
    ],
)
def test_no_address_redirects_to_another_host(stack: Stack, path: str):
    with httpx.Client(timeout=30) as client:
        request = client.build_request("GET", stack.url)
        request.extensions["target"] = path.encode()
        answer = client.send(request)
    place = answer.headers.get("location", "")
    assert not re.match(r"(https?:)?[/\\]{2}(?!localhost:)", place), place
    assert answer.status_code < 500


def test_files_outside_of_the_built_pages_are_out_of_reach(stack: Stack):
    for path in (
        "/../pyproject.toml",
        "/..%2f..%2fpyproject.toml",
        "/assets/..%2f..%2f..%2fpackage.json",
        "/assets/%2e%2e/%2e%2e/server/index.js",
        "/.env",
        "/%00",
        "/assets/%00.js",
        "/backend/",
    ):
        with httpx.Client(timeout=30) as client:
            request = client.build_request("GET", stack.url)
            request.extensions["target"] = path.encode()
            answer = client.send(request)
        assert answer.status_code in (400, 404), (path, answer.status_code)
        assert "[project]" not in answer.text
        assert "Traceback" not in answer.text
