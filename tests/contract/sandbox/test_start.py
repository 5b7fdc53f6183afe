"""How the sandbox starts, and when it does not."""

import os
import subprocess
import sys

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess


def started_with(*arguments, folder, **environment):
    command = [sys.executable, "-m", "coursebook.sandbox", "--data", str(folder), *arguments]
    return subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "sk_test_1,sk_live_1"])
def test_it_refuses_to_start_beside_a_live_key(tmp_path, key):
    ended = started_with(folder=tmp_path, STRIPE_SECRET_KEY=key)
    assert ended.returncode == 2
    assert ended.stderr.strip() == (
        "STRIPE_SECRET_KEY is a live key; the sandbox never runs beside one."
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org"])
def test_it_listens_on_loopback_addresses_only(tmp_path, host):
    ended = started_with("--host", host, folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert host in ended.stderr


@pytest.mark.parametrize("option", ["--port", "--smtp-port"])
def test_a_port_that_is_taken_is_named(sandbox, tmp_path, option):
    ports = {"--port": str(free_port()), "--smtp-port": str(free_port())}
    ports[option] = str(sandbox.port)
    ended = started_with(*(word for pair in ports.items() for word in pair), folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert str(sandbox.port) in ended.stderr


def test_it_says_when_it_is_ready_and_is_healthy():
    with SandboxProcess() as sandbox:
        assert f"sandbox ready on http://localhost:{sandbox.port}" in sandbox.output()
        assert httpx.get(f"{sandbox.url}/healthz").json() == {"status": "ok"}


def test_without_a_signing_secret_it_makes_one_and_keeps_it(tmp_path):
    said = []
    for _ in range(2):
        sandbox = SandboxProcess(webhook_secret="", data=tmp_path).start()
        said.append(sandbox.output().splitlines()[-2])
        sandbox.end()
    assert said[0].startswith("webhook signing secret: whsec_")
    assert said[0] == said[1]


def test_without_a_key_of_its_own_it_takes_any_test_key():
    with SandboxProcess(secret_key="") as sandbox:
        for key, status in (("rk_test_x", 200), ("sk_live_x", 401)):
            head = {"Authorization": f"Bearer {key}"}
            assert httpx.get(f"{sandbox.url}/v1/balance", headers=head).status_code == status


def test_its_memory_can_be_read_by_its_owner_only(sandbox):
    assert (sandbox.data / "sandbox.db").stat().st_mode & 0o077 == 0


def test_the_clock_stays_ahead_over_a_restart(tmp_path):
    sandbox = SandboxProcess(data=tmp_path).start()
    sandbox.lever("clock/advance", seconds=1000)
    sandbox.end()
    assert sandbox.start().lever("clock/advance", seconds=0)["offset"] == 1000
    sandbox.stop()
