"""Starting the whole stack, as a person at a terminal does, and what it is like once it runs."""

import os
import subprocess
from pathlib import Path

import httpx

from tests.support import cards
from tests.support.stack import COMMAND, Stack


def test_the_stack_says_where_it_is_and_how_to_begin(stack: Stack) -> None:
    output = stack.log.read_text()
    assert f"coursebook is ready: {stack.url}" in output
    assert "Sign in as  Sam or Sally (students) or Olga (operator)" in output
    assert cards.spaced(cards.VISA) in output
    assert f"{stack.sandbox_url}/mailbox" in output


def test_a_part_that_is_killed_comes_back_by_itself_and_this_is_logged(stack: Stack) -> None:
    stack.kill_product()
    stack.wait_until_ready()
    stack.kill_sandbox()
    stack.wait_until_ready()
    errors_logged = stack.trouble()
    assert "The product ended unexpectedly (signal 9); restarting it" in errors_logged
    assert "The sandbox ended unexpectedly (signal 9); restarting it" in errors_logged


def test_a_second_start_is_refused_with_the_address_of_the_first(stack: Stack) -> None:
    message = _start_beside(stack, port=stack.port + 10, data=stack.data)
    assert f"coursebook is already running at {stack.url}" in message


def test_a_taken_port_is_named(stack: Stack, tmp_path: Path) -> None:
    message = _start_beside(stack, port=stack.port, data=tmp_path)
    assert f"Port {stack.port} (the product) is in use by another program" in message


def test_the_token_command_finds_the_running_sandbox(stack: Stack) -> None:
    environment = {**os.environ, "COURSEBOOK_DATA": str(stack.data)}
    result = subprocess.run(
        [COMMAND, "token", "sam@example.test"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    headers = {"Authorization": f"Bearer {result.stdout.strip()}"}
    assert httpx.get(f"{stack.url}/api/bookings", headers=headers).status_code == httpx.codes.OK


def test_pages_work_on_whatever_port_they_are_served(stack: Stack) -> None:
    page = httpx.get(stack.url)
    assert page.headers["cache-control"] == "no-cache"
    script = page.text.split('href="/assets/')[1].split('"')[0]
    asset = httpx.get(f"{stack.url}/assets/{script}", headers={"Accept-Encoding": "br"})
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-encoding"] == "br"


def _start_beside(stack: Stack, *, port: int, data: Path) -> str:
    """Start a second one that must refuse; return its sentence."""
    environment = {**os.environ, "COURSEBOOK_DATA": str(data)}
    refused = subprocess.run(
        [COMMAND, "run", "--port", str(port)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert stack.process.poll() is None
    return refused.stderr
