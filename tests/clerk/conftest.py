"""A product with Clerk's sign-in, the sandbox's Stripe, and our own Clerk server for ClerkJS.

Chromium resolves Clerk's host name to a local port, so the pages use the production addresses over
TLS.
"""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.clerk.clerkjs_package import NotPacked, scripts
from tests.clerk.frontend_api import Clerk
from tests.clerk.tls import certificate_for, tls_before
from tests.support.browser import Visitors, chromium
from tests.support.ports import free_ports, free_run
from tests.support.product import serving
from tests.support.sandbox import SandboxProcess
from tests.support.stack import Stack, running_stack

PAGE, HOST = "courses.school.test", "clerk.school.test"
"""One site, as in production: a browser keeps Clerk's cookie as one of its own."""
KEY = "pk_live_" + base64.b64encode(f"{HOST}$".encode()).decode()
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Record a failure, so that the fixture takes a screenshot."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@dataclass
class School:
    """The running product, its Clerk, and a browser that reaches both."""

    stack: Stack
    clerk: Clerk
    browser: Browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_school(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[School]:
    """Everything, for all tests of the file."""
    try:
        packed = scripts()
    except NotPacked as why:
        pytest.skip(f"ClerkJS cannot be had: {why}")
    folder = tmp_path_factory.mktemp("clerk")
    port, page_port, clerk_port = free_run(3), *free_ports(2)
    clerk = Clerk(f"https://{HOST}", f"https://{PAGE}", packed)
    hosts = {PAGE: page_port, HOST: clerk_port}
    rules = ",".join(f"MAP {host}:443 127.0.0.1:{to}" for host, to in hosts.items())
    certificate = certificate_for(list(hosts), folder)
    tls = {"ssl_keyfile": str(certificate.key), "ssl_certfile": str(certificate.chain)}
    webhook = f"http://127.0.0.1:{port}/api/stripe/webhook"
    with (
        SandboxProcess(port=port + 1, product_url=clerk.page, webhook_url=webhook) as sandbox,
        running_stack(folder, port=port, **_settings(sandbox, clerk)) as stack,
    ):
        async with (
            serving(clerk.app(), clerk_port, **tls),
            tls_before(port, page_port, certificate),
            chromium(f"--host-resolver-rules={rules}") as browser,
        ):
            yield School(stack, clerk, browser)


def _settings(sandbox: SandboxProcess, clerk: Clerk) -> dict[str, str]:
    return {
        "PUBLIC_URL": clerk.page,
        "STRIPE_API_BASE": sandbox.url.replace("localhost", "127.0.0.1"),
        "STRIPE_SECRET_KEY": sandbox.secret_key,
        "STRIPE_WEBHOOK_SECRET": sandbox.webhook_secret,
        "SMTP_URL": f"smtp://127.0.0.1:{sandbox.smtp_port}",
        "CLERK_PUBLISHABLE_KEY": KEY,
        "MAIL_FROM": "hello@school.test",
        "CLERK_JWT_KEY": clerk.forge.pem,
        "WORKER_SECONDS": "1",
        "RECONCILE_HOURS": "0",
    }


@pytest_asyncio.fixture(loop_scope="module")
async def school(whole_school: School) -> AsyncIterator[School]:
    """The school; the test fails if the product logs an error or ClerkJS calls an unknown path."""
    whole_school.clerk.token_life = 60
    await asyncio.to_thread(whole_school.stack.wait_until_ready)
    whole_school.stack.forget_trouble()
    yield whole_school
    whole_school.stack.close_clients()
    if errors_logged := whole_school.stack.trouble():
        pytest.fail(f"The server logged an error:\n{errors_logged}", pytrace=False)
    assert not whole_school.clerk.unknown


@pytest_asyncio.fixture(loop_scope="module")
async def visitors(school: School, request: pytest.FixtureRequest) -> AsyncIterator[Visitors]:
    """Opens pages; fails the test if one logs an error or calls another host."""
    people = Visitors(school.browser, school.clerk.page)
    yield people
    if request.node.stash.get(FAILED, False):
        await people.screenshots(re.sub(r"\W+", "-", request.node.name))
    await people.leave()
    if people.unforgiven():
        pytest.fail("The browser logged:\n" + "\n".join(people.unforgiven()), pytrace=False)


@pytest_asyncio.fixture(loop_scope="module")
async def page(visitors: Visitors) -> Page:
    """One visitor's page."""
    return await visitors.open(ignore_https_errors=True)
