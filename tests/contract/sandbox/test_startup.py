"""How the sandbox starts, and when it refuses to."""

from collections.abc import Iterator

import httpx
import pytest

from coursebook.sandbox.main import main
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox without given secrets or test controls."""
    folder = tmp_path_factory.mktemp("bare")
    sandbox = SandboxProcess(secret_key="", webhook_secret="", test_controls=False, data=folder)
    with sandbox:
        yield sandbox


def refusal_of(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "sk_test_1,sk_live_1"])
def test_it_refuses_to_start_beside_a_live_key(capsys, monkeypatch, tmp_path, key):
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    assert "STRIPE_SECRET_KEY is a live key" in refusal_of(capsys, "--data", str(tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org"])
def test_it_listens_on_loopback_addresses_only(capsys, tmp_path, host):
    assert host in refusal_of(capsys, "--data", str(tmp_path), "--host", host)


@pytest.mark.parametrize("option", ["--port", "--smtp-port"])
def test_a_port_that_is_taken_is_named(capsys, monkeypatch, sandbox, tmp_path, option):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_of_the_tests")
    ports = {"--port": str(free_port()), "--smtp-port": str(free_port())}
    ports[option] = str(sandbox.port)
    words = [word for pair in ports.items() for word in pair]
    assert f"Port {sandbox.port} " in refusal_of(capsys, "--data", str(tmp_path), *words)


def refusal_of_folder(capsys, monkeypatch, folder):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_of_the_tests")
    ports = ("--port", str(free_port()), "--smtp-port", str(free_port()))
    return refusal_of(capsys, "--data", str(folder), *ports)


def test_a_lock_that_is_a_symlink_is_refused_and_its_target_left_alone(
    capsys, monkeypatch, tmp_path
):
    target = tmp_path / "somebody's"
    target.write_text("precious")
    (tmp_path / "sandbox.lock").symlink_to(target)
    message = refusal_of_folder(capsys, monkeypatch, tmp_path)
    assert f"{tmp_path / 'sandbox.lock'} is a symbolic link" in message
    assert target.read_text() == "precious"


def test_a_data_folder_that_is_a_file_is_refused_with_a_sentence(capsys, monkeypatch, tmp_path):
    file = tmp_path / "file"
    file.touch()
    assert f"cannot use the folder {file}: " in refusal_of_folder(capsys, monkeypatch, file)


def test_it_says_when_it_is_ready_and_is_healthy(sandbox, browser):
    assert f"sandbox ready on http://localhost:{sandbox.port}" in sandbox.output()
    assert browser.get("/healthz").json() == {"status": "ok"}


def test_without_a_signing_secret_it_makes_one_and_keeps_it(bare):
    bare.end()
    bare.start()
    lines = [line for line in bare.output().splitlines() if "whsec_" in line]
    assert len(lines) == 2
    assert lines[0] == lines[1]


@pytest.mark.parametrize(("key", "status"), [("rk_test_x", 200), ("sk_live_x", 401)])
def test_without_a_key_of_its_own_it_takes_any_test_key(bare, key, status):
    head = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{bare.url}/v1/balance", headers=head).status_code == status


def test_controls_are_there_only_when_they_are_switched_on(bare):
    assert httpx.post(f"{bare.url}/_test/faults", json={"count": 1}).status_code == 404
    assert httpx.get(f"{bare.url}/_test/deliveries").status_code == 404
    assert bare.token("sam@example.test")


def test_its_memory_can_be_read_by_its_owner_only(sandbox):
    assert (sandbox.data / "sandbox.db").stat().st_mode & 0o077 == 0
