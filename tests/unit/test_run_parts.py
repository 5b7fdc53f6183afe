"""Parts of `coursebook run`: ports, keys, addresses, the lock of the data folder."""

import http.server
import json
import logging
import logging.config
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursebook.run.paths import TOOLS, tool_environment
from coursebook.run.problem import CannotStart
from coursebook.run.supervisor import plan as planning
from coursebook.run.supervisor.lifecycle import require_free
from coursebook.run.supervisor.locks import read_run, sole_run
from coursebook.run.supervisor.plan import make_plan, product_spec, renderer_spec, sandbox_spec
from coursebook.run.supervisor.readiness import wait_until_ready
from coursebook.run.supervisor.sandbox_keys import sandbox_keys
from tests.support.ports import free_port


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSEBOOK_DATA", str(tmp_path))
    monkeypatch.setenv("PUBLIC_URL", "")
    monkeypatch.delenv("PUBLIC_URL")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_port_in_use_is_named_with_a_remedy(family: socket.AddressFamily) -> None:
    with socket.socket(family) as stranger:
        stranger.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {port} \(the product\) is in use .* --port"):
            require_free(port, "the product", "choose another with --port N")


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_an_invalid_port_number_is_refused(port: int) -> None:
    with pytest.raises(CannotStart, match="is not a valid port number"):
        require_free(port, "the product", "choose another")


def test_a_free_port_is_accepted() -> None:
    require_free(free_port(), "the product", "choose another")


def test_the_sandbox_keys_are_created_once_and_private(tmp_path: Path) -> None:
    keys = sandbox_keys(tmp_path)
    assert keys.stripe_secret_key.startswith("sk_test_")
    assert keys.stripe_webhook_secret.startswith("whsec_")
    assert sandbox_keys(tmp_path) == keys
    assert stat.S_IMODE((tmp_path / "sandbox-keys.json").stat().st_mode) == 0o600
    assert keys.stripe_secret_key not in repr(keys)


@pytest.mark.parametrize("content", ["", "[]", '{"stripe_secret_key": "x"}'])
def test_a_broken_key_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "sandbox-keys.json").write_text(content)
    with pytest.raises(CannotStart, match=r"sandbox-keys\.json cannot be read; delete it"):
        sandbox_keys(tmp_path)


def test_by_default_the_sandbox_takes_the_next_two_ports(tmp_path: Path) -> None:
    plan = make_plan(host="127.0.0.1", port=4000)
    assert plan.public_url == "http://localhost:4000"
    assert plan.sandbox_url == "http://localhost:4001"
    assert plan.settings.is_sandbox
    command = " ".join(sandbox_spec(plan).command)
    assert f"--port 4001 --smtp-port 4002 --data {tmp_path}" in command
    assert "--webhook-url http://127.0.0.1:4000/api/stripe/webhook" in command


def test_secrets_are_never_on_a_command_line_or_in_a_repr(tmp_path: Path) -> None:
    plan = make_plan(host="127.0.0.1", port=4000)
    secret = plan.environment["STRIPE_SECRET_KEY"]
    for spec in (sandbox_spec(plan), product_spec(plan, tmp_path)):
        assert secret not in " ".join(spec.command)
        assert secret not in repr(spec)
    assert secret not in repr(plan)


def test_the_renderer_gets_no_secret_and_the_product_gets_its_address(tmp_path: Path) -> None:
    plan = make_plan(host="127.0.0.1", port=4000)
    spec = renderer_spec(plan, tmp_path)
    assert spec is not None
    assert list(spec.environment) == ["NODE_ENV"]
    assert spec.command[-2] == str(tmp_path / "build" / "server" / "index.js")
    told = product_spec(plan, tmp_path).environment["COURSEBOOK_RENDERER"]
    assert (planning.ROOT / told).resolve() == (planning.ROOT / spec.command[-1]).resolve()
    assert (planning.ROOT / told).resolve() == tmp_path / "renderer.sock"


def test_without_node_or_in_a_folder_too_deep_for_a_socket_there_is_no_renderer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(host="127.0.0.1", port=4000)
    monkeypatch.setattr(planning, "node_program", lambda: None)
    assert renderer_spec(plan, tmp_path) is None
    monkeypatch.undo()
    monkeypatch.setenv("COURSEBOOK_DATA", str(tmp_path / ("deep" * 20) / ("deeper" * 10)))
    plan = make_plan(host="127.0.0.1", port=4000)
    assert renderer_spec(plan, tmp_path) is None
    assert product_spec(plan, tmp_path).environment["COURSEBOOK_RENDERER"] == ""


def test_while_pages_are_developed_the_same_programs_run_as_in_production(tmp_path: Path) -> None:
    plans = [make_plan(host="", port=4000, is_reloading=reloading) for reloading in (False, True)]
    assert product_spec(plans[0], tmp_path) == product_spec(plans[1], tmp_path)
    assert renderer_spec(plans[0], tmp_path) == renderer_spec(plans[1], tmp_path)


def test_with_real_keys_no_sandbox_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_theirs")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_theirs")
    monkeypatch.setenv("CLERK_PUBLISHABLE_KEY", "pk_test_Y2xlcmsuZXhhbXBsZS50ZXN0JA")
    monkeypatch.setenv("CLERK_JWT_KEY", "a key")
    monkeypatch.setenv("MAIL_FROM", "hello@school.test")
    plan = make_plan(host="127.0.0.1", port=4000)
    assert plan.sandbox_port is None
    assert plan.environment["STRIPE_SECRET_KEY"] == "sk_test_theirs"


def test_an_incomplete_configuration_names_the_missing_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_theirs")
    with pytest.raises(CannotStart, match="STRIPE_WEBHOOK_SECRET"):
        make_plan(host="127.0.0.1", port=4000)


@pytest.mark.parametrize(
    ("database", "redis", "several"),
    [
        ("", "", False),
        ("", "redis://127.0.0.1/0", False),
        ("postgresql://x@127.0.0.1/x", "", False),
        ("postgresql://x@127.0.0.1/x", "redis://127.0.0.1/0", True),
    ],
)
def test_several_processes_serve_only_with_postgres_and_redis(
    monkeypatch: pytest.MonkeyPatch, database: str, redis: str, several: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("REDIS_URL", redis)
    monkeypatch.setattr("coursebook.run.supervisor.capacity.processors", lambda: 4)
    assert make_plan(host="127.0.0.1", port=4000).workers == (4 if several else 1)


@pytest.mark.parametrize(
    ("processors", "settings", "expected"),
    [
        (2, {}, (2, 35)),
        (4, {}, (4, 22)),
        (64, {}, (8, 11)),
        (64, {"PROCESSES": "3"}, (3, 30)),
        (1, {"PROCESSES": "6"}, (6, 15)),
        (4, {"DATABASE_CONNECTIONS": "12"}, (4, 12)),
    ],
)
def test_processes_and_connections_fit_a_default_server_or_the_settings(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    processors: int,
    settings: dict[str, str],
    expected: tuple[int, int],
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1/x")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1/0")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("coursebook.run.supervisor.capacity.processors", lambda: processors)
    plan = make_plan(host="127.0.0.1", port=4000)
    spec = product_spec(plan, tmp_path)
    processes = int(spec.command[spec.command.index("--workers") + 1])
    assert (processes, int(spec.environment["DATABASE_CONNECTIONS"])) == expected


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PROCESSES": "2"}, "PROCESSES: more than one needs PostgreSQL and REDIS_URL"),
        ({"PROCESSES": "-1"}, "PROCESSES: "),
        ({"DATABASE_CONNECTIONS": "3"}, "DATABASE_CONNECTIONS: must be at least 6, or 0"),
    ],
)
def test_impossible_numbers_are_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], sentence: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart, match=sentence):
        make_plan(host="127.0.0.1", port=4000)


def test_a_second_run_on_the_same_folder_is_refused_and_names_the_first(
    tmp_path: Path,
) -> None:
    facts = {"public_url": "http://localhost:4000", "sandbox_url": None}
    with sole_run(tmp_path, facts):
        assert read_run(tmp_path)["public_url"] == "http://localhost:4000"
        with (
            pytest.raises(CannotStart, match="already running at http://localhost:4000"),
            sole_run(tmp_path, facts),
        ):
            pass
    assert read_run(tmp_path) == {}
    with sole_run(tmp_path, facts):
        pass


def test_a_lock_that_is_a_symlink_is_refused_and_its_target_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "run.json").symlink_to(target)
    with pytest.raises(CannotStart, match=r"run\.json is a symbolic link"), sole_run(tmp_path, {}):
        pass
    assert target.read_text() == "precious"


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from coursebook.run.supervisor.locks import sole_run\n"
        "with sole_run(pathlib.Path(sys.argv[1]), {'public_url': 'http://localhost:4000'}):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(CannotStart, match="localhost:4000"), sole_run(tmp_path, {}):
            pass
        process.kill()
    with sole_run(tmp_path, {}):
        assert read_run(tmp_path) == {"pid": str(os.getpid())}


def test_waiting_ends_at_the_first_success() -> None:
    with _server([503, 200]) as url:
        assert wait_until_ready(url, seconds=20, should_continue=lambda: True) is None


def test_a_timeout_reports_the_last_answer() -> None:
    with _server([503] * 1000) as url:
        said = wait_until_ready(url, seconds=0.3, should_continue=lambda: True)
    assert said is not None
    assert json.loads(said) == {"status": 503}


def test_waiting_ends_early_when_the_process_is_gone() -> None:
    assert wait_until_ready("http://127.0.0.1:9/", seconds=600, should_continue=lambda: False)


class _server:  # noqa: N801
    """A server that answers with the given statuses in turn."""

    def __init__(self, statuses: list[int]) -> None:
        coming: Iterator[int] = iter(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status = next(coming)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps({"status": status}).encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self) -> str:
        self.thread.start()
        return f"http://127.0.0.1:{self.server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_every_program_opens_the_database_as_the_settings_say() -> None:
    ours = planning.ROOT / "coursebook"
    known = {ours / "wiring.py", *(ours / "persistence").rglob("*.py")}
    paths_found = [
        p for p in ours.rglob("*.py") if "open_database(" in p.read_text() and p not in known
    ]
    assert paths_found == [], (
        "open it with wiring.database_of, which applies DATABASE_POOLER and DATABASE_CONNECTIONS"
    )


@pytest.mark.parametrize("home", ["/nonexistent", ""])
def test_the_npm_cache_is_in_our_own_folder(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("NPM_CONFIG_CACHE", raising=False)
    assert tool_environment()["NPM_CONFIG_CACHE"] == str(TOOLS / "npm")
    monkeypatch.setenv("NPM_CONFIG_CACHE", "/somewhere")
    assert tool_environment()["NPM_CONFIG_CACHE"] == "/somewhere"


def test_granian_logs_json_with_a_json_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--log-config" not in product_spec(make_plan(host="", port=4000), tmp_path).command
    monkeypatch.setenv("LOG_JSON", "true")
    command = product_spec(make_plan(host="", port=4000), tmp_path).command
    config = json.loads(Path(command[command.index("--log-config") + 1]).read_text())
    granian = logging.getLogger("_granian")
    before = granian.handlers[:], granian.propagate
    logging.config.dictConfig(config)
    granian.warning("Unexpected exit from worker-%s", 1)
    granian.handlers[:], granian.propagate = before
    log_line = json.loads(capsys.readouterr().err)
    assert (log_line["event"], log_line["level"]) == ("Unexpected exit from worker-1", "warning")
