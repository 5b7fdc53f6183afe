"""The `coursebook` command line."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from coursebook import cli
from coursebook.run import problem
from coursebook.run.commands import prepare_database, token
from coursebook.run.problem import CannotStart

ROOT = Path(__file__).resolve().parents[2]


def test_help_names_every_command_without_loading_the_product() -> None:
    asked = "import sys, coursebook.cli as c\ntry: c.main()\nexcept SystemExit: pass\n"
    asked += "print(sorted({m.split('.')[0] for m in sys.modules} & {'reflex', 'sqlalchemy'}))"
    result = _python("-c", asked, "--help")
    for command in ("run", "sandbox", "migrate", "seed", "token"):
        assert f"  {command} " in result.stdout
    assert result.stdout.strip().endswith("[]")


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (["run", "--port", "0"], {}, "0 is not a valid port number"),
        (["run"], {"PUBLIC_URL": "nonsense"}, "PUBLIC_URL: must be an address"),
        (["run"], {"STRIPE_SECRET_KEY": "sk_test_x"}, "STRIPE_WEBHOOK_SECRET is missing"),
        (["run"], {"CLERK_SECRET_KEY": "sk_test_x"}, "STRIPE_SECRET_KEY is missing"),
        (["run"], {"HOLD_MINUTES": "soon"}, "HOLD_MINUTES: "),
        (["sandbox", "--port", "1"], {"STRIPE_SECRET_KEY": "sk_live_x"}, "STRIPE_"),
        (["token", "sam@example.test"], {"PORT": "1"}, "No sandbox answers at http://localhost:2"),
    ],
)
def test_a_usage_error_is_one_sentence(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], sentence: str
) -> None:
    result = _python("-m", "coursebook.cli", *arguments, COURSEBOOK_DATA=str(tmp_path), **settings)
    assert result.returncode in (1, 2)
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://x", "DATABASE_URL: must begin with postgresql:// or sqlite:///"),
        ("postgresql://x@127.0.0.1:1/x", "DATABASE_URL: the database cannot be used"),
    ],
)
def test_an_unusable_database_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, sentence: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert prepare_database.main([]) == 1
    output = capsys.readouterr().err
    assert sentence in output
    assert output.count("\n") == 1


def test_migrate_and_seed_create_a_database_and_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("COURSEBOOK_DATA", str(tmp_path))
    for arguments, said in (([], ""), (["--seed"], "16 sample"), (["--seed"], "0 sample")):
        assert prepare_database.main(arguments) == 0
        assert said in capsys.readouterr().out
    assert (tmp_path / "coursebook.db").exists()


def test_token_is_refused_with_real_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_x")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_x")
    monkeypatch.setenv("CLERK_PUBLISHABLE_KEY", "pk_test_Y2xlcmsuZXhhbXBsZS50ZXN0JA")
    monkeypatch.setenv("CLERK_JWT_KEY", "a key")
    monkeypatch.setenv("MAIL_FROM", "hello@school.test")
    with pytest.raises(CannotStart, match="no sandbox that could issue tokens"):
        token.sandbox_token("sam@example.test", 60)


@pytest.mark.parametrize("reset", [True, False])
def test_the_sandbox_is_reset_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reset: bool
) -> None:
    monkeypatch.setenv("COURSEBOOK_DATA", str(tmp_path))
    served: list[list[str]] = []
    monkeypatch.setattr("coursebook.sandbox.main.main", served.append)
    cli.sandbox(port=4001, reset=reset)
    assert (served[0][-1] == "--reset") is reset
    assert served[0][:4] == ["--port", "4001", "--smtp-port", "4002"]
    assert "COURSEBOOK_SANDBOX_URL=http://localhost:4001" in capsys.readouterr().out


def test_build_builds_the_pages_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[bool] = []

    def built(*, has_clerk: bool) -> Path:
        asked.append(has_clerk)
        return tmp_path

    monkeypatch.setattr("coursebook.run.build.ui_build.ensure_pages", built)
    monkeypatch.setattr("coursebook.run.build.school_pages.built_key", lambda _pages: "same")
    monkeypatch.setattr("coursebook.run.build.school_pages.school_key", lambda _school: "same")
    cli.build()
    monkeypatch.setenv("CLERK_PUBLISHABLE_KEY", "pk_test_Y2xlcmsuZXhhbXBsZS50ZXN0JA")
    monkeypatch.setenv("CLERK_JWT_KEY", "a key")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_x")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_x")
    monkeypatch.setenv("MAIL_FROM", "Courses <courses@example.org>")
    cli.build()
    assert asked == [False, True]
    assert capsys.readouterr().out == f"The pages are built: {tmp_path}\n" * 2


def _python(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", **settings}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_seed_asks_before_it_adds_invented_students_beside_real_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = SimpleNamespace(has_keys=True)
    monkeypatch.setattr(problem, "settings_or_sentence", lambda: settings)
    prepared: list[list[str]] = []
    monkeypatch.setattr(prepare_database, "main", lambda words: prepared.append(words) or 0)
    refused = CliRunner().invoke(cli.app, ["seed"], input="n\n")
    assert (refused.exit_code, prepared) == (1, [])
    assert "bookings of invented students" in refused.output
    agreed = CliRunner().invoke(cli.app, ["seed"], input="y\n")
    assert (agreed.exit_code, prepared) == (0, [["--seed"]])
