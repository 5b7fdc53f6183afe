"""Every command in the documentation exists, and every command is documented."""

import re
import shlex

import pytest
import typer

from coursebook.cli import app
from coursebook.settings import Settings
from tests.support.documents import ROOT, all_pages, page, rows

ORDINARY = {"cp", "createdb", "curl", "git", "pg_dump", "pg_restore", "python3", "rm", "sqlite3"}
ORDINARY |= {"adduser", "chown", "journalctl", "stripe", "systemctl", "umask"}
OF_THE_DEVELOPER = {"alembic", "pip", "python", "ruff"}
MORE_VARIABLES = {"PORT", "COURSEBOOK_SANDBOX_LEVERS"}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
COMMANDS = {
    f"{name} {inner}".strip(): command
    for name, group in typer.main.get_command(app).commands.items()
    for inner, command in getattr(group, "commands", {"": group}).items()
}
"""Every command by what is typed, also those of a group: «installation moved»."""
ASSIGNMENT = re.compile(r"([A-Z][A-Z_]*)=(.*)", re.DOTALL)


def _typed(of):
    """Return the commands to type: all of `bash` blocks, the prompt lines of `console` blocks."""
    for block in of.blocks("bash"):
        yield from block.replace("\\\n", " ").splitlines()
    for block in of.blocks("console"):
        yield from (line[2:] for line in block.splitlines() if line.startswith("$ "))


def _lines():
    for of in all_pages():
        for line in _typed(of):
            if line.strip() and not line.lstrip().startswith("#"):
                yield pytest.param(line, id=f"{of.name}: {line.strip()[:60]}")


def _make_targets():
    return set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def _unknown_variables(words):
    variable_names = {name.upper() for name in Settings.model_fields} | MORE_VARIABLES
    return [
        m[1] for word in words if (m := ASSIGNMENT.fullmatch(word)) and m[1] not in variable_names
    ]


def _split(line):
    words = shlex.split(line)
    if words[0] == "export":
        return words[1:], []
    first = next(i for i, word in enumerate(words) if not ASSIGNMENT.fullmatch(word))
    return words[:first], words[first:]


def _check_coursebook(words):
    command = COMMANDS.get(words[0]) or COMMANDS[" ".join(words[:2])]
    option_names = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words[1:] if word.startswith("--")} <= option_names | {"--help"}


@pytest.mark.parametrize("line", [*_lines()])
def test_every_documented_command_exists(line):
    variables, words = _split(line)
    assert _unknown_variables(variables) == []
    if not words:
        return
    program, arguments = words[0], words[1:]
    if program == "make":
        assert next(w for w in arguments if not ASSIGNMENT.fullmatch(w)) in _make_targets()
    elif program in (".venv/bin/coursebook", "coursebook"):
        _check_coursebook(arguments)
    elif program.startswith(".venv/bin/"):
        assert program.removeprefix(".venv/bin/") in OF_THE_DEVELOPER
    else:
        assert program in ORDINARY
    for inner in re.findall(r"\.venv/bin/coursebook ([^)]+)\)", line):
        _check_coursebook(shlex.split(inner))


def test_the_readme_lists_every_make_target():
    shown = set(re.findall(r"^([a-z-]*):.*## ", MAKEFILE, re.MULTILINE))
    matches = set(re.findall(r"(?:`|^)make ([a-z-]+)(?:`|$)", page("README.md").text, re.MULTILINE))
    assert shown - matches == set()
    assert matches - _make_targets() == set()


def test_the_readme_lists_every_cli_command():
    documented = {row[0].strip("`") for row in rows(page("README.md").section("More commands"))}
    assert {f"coursebook {name}" for name in COMMANDS} == {
        t for t in documented if t[:7] == "courseb"
    }
