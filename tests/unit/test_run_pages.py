"""When the pages are rebuilt: exactly when one of their inputs has changed."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from coursebook.run.build import ui_build
from coursebook.run.problem import CannotStart

ROOT = Path(__file__).resolve().parents[2]
NOT_BAKED = {
    "coursebook.run.supervisor.heartbeats",
    "coursebook.wiring",  # called by event handlers, never while compiling
    "coursebook.api.app",
    "coursebook.api.routes.robots_and_sitemap",
    "coursebook.worker.loop",
    "coursebook.http_security.socket_handshake",
    "coursebook.http_security.socket_protocol",
    "coursebook.identity.principal",
    "coursebook.live",
    "coursebook.log",
    "coursebook.log_budget",
    "coursebook.live.batcher",
    "coursebook.live.subscriptions",
    "coursebook.cldr",  # dates and counts are formatted at request time
    "coursebook.accept_language",
    *(  # drawn at request time, for /kit/mails
        f"coursebook.mail.{module}"
        for module in (
            "facts",
            "i18n",
            "kinds",
            "letter",
            "look",
            "messages",
            "operators",
            "teachers",
            "team",
        )
    ),
    "coursebook.services.cache",
    "coursebook.services.waiting_list.views",
    "coursebook.services.catalog.courses",
    "coursebook.services.catalog.course_query",
    "coursebook.services.bookings.dashboard",
    "coursebook.services.bookings.expected_amounts",
    "coursebook.services.bookings.guest_claims",
    "coursebook.services.manage.by_hand.known_people",
    "coursebook.services.manage.by_hand.manual_bookings",
    "coursebook.services.manage.by_hand.offline_payments",
    "coursebook.services.bookings.offline_payments",
    "coursebook.services.bookings.operator_orders",
    "coursebook.services.check_in.views",
    "coursebook.services.manage.day.week",
    "coursebook.services.check_in.begun_meetings",
    "coursebook.domain.check_in.ticket_picture",
    "coursebook.services.manage.booking_views",
    "coursebook.services.manage.course_query",
    "coursebook.services.manage.history.lines",
    "coursebook.services.manage.roster",
    "coursebook.services.course_cancellation.views",
    "coursebook.services.manage.change_previews",
    "coursebook.services.manage.messaging.course_messages",
    "coursebook.services.manage.messaging.message_rules",
    "coursebook.services.manage.messaging.message_views",
    "coursebook.services.manage.moving.move_rules",
    "coursebook.services.manage.moving.move_views",
    "coursebook.services.manage.moving.participants",
    "coursebook.services.manage.repeating.repeat_views",
    "coursebook.services.manage.readiness",
    "coursebook.services.manage.day.overview",
    "coursebook.services.bookkeeping.reports",
    "coursebook.services.bookkeeping.money_lists",
    "coursebook.services.manage.school_settings",
    "coursebook.services.manage.team",
    "coursebook.services.manage.invitations",
    "coursebook.services.manage.views",
    "coursebook.services.operators.booking_search",
    "coursebook.persistence.course_search.managed_list",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small tree whose build copies one source and records that it ran."""
    (tmp_path / "coursebook" / "ui").mkdir(parents=True)
    (tmp_path / "coursebook" / "ui" / "page.py").write_text("first")
    monkeypatch.setattr(ui_build, "ROOT", tmp_path)
    monkeypatch.setattr(ui_build, "TOOLS", tmp_path / ".reflex")
    monkeypatch.setattr(ui_build, "BUILDS", tmp_path / ".reflex" / "pages")
    monkeypatch.setattr(ui_build, "SOURCE_PATHS", ("coursebook/ui", "assets"))
    monkeypatch.setattr(ui_build, "web_folder", lambda: tmp_path / ".web")
    monkeypatch.setattr(ui_build, "_export", _export)
    return tmp_path


def test_the_second_start_builds_nothing(tree: Path) -> None:
    first = ui_build.ensure_pages()
    assert ui_build.ensure_pages() == first
    assert _builds(tree) == 1
    assert (first / "build" / "client" / "index.html").read_text() == "first"


def test_a_changed_source_is_rebuilt_and_the_old_build_is_kept(
    tree: Path,
) -> None:
    first = ui_build.ensure_pages()
    (tree / "coursebook" / "ui" / "page.py").write_text("second")
    second = ui_build.ensure_pages()
    assert (second / "build" / "client" / "index.html").read_text() == "second"
    assert (first / "build" / "client" / "index.html").read_text() == "first"


def test_a_build_depends_on_the_names_of_texts_and_not_on_what_they_say(tree: Path) -> None:
    texts = tree / "coursebook" / "ui" / "i18n"
    texts.mkdir()
    english, german = texts / "en.toml", texts / "de.toml"
    english.write_text('[STATUS]\nfull = "Full"')
    german.write_text("")
    first = ui_build.fingerprint()
    english.write_text('# A note\n[STATUS]\nfull = "Taken"')
    german.write_text('[STATUS]\nfull = "Voll"')
    assert ui_build.fingerprint() == first
    english.write_text('[STATUS]\nfull = "Taken"\nfree = "Free"')
    assert ui_build.fingerprint() != first


def test_a_file_generated_by_reflex_causes_no_build(tree: Path) -> None:
    ui_build.ensure_pages()
    (tree / "assets" / "external").mkdir(parents=True)
    (tree / "assets" / "external" / "link.js").write_text("x")
    ui_build.ensure_pages()
    assert _builds(tree) == 1


def test_pages_with_clerk_are_a_build_with_their_own_pins(tree: Path) -> None:
    for pins in ("reflex.lock", "reflex.lock.clerk"):
        (tree / pins).mkdir()
        (tree / pins / "package.json").write_text("{}")
    sandbox, clerk = ui_build.ensure_pages(), ui_build.ensure_pages(has_clerk=True)
    assert sandbox != clerk
    (tree / "reflex.lock.clerk" / "package.json").write_text('{"dependencies": {}}')
    assert ui_build.ensure_pages() == sandbox
    assert ui_build.ensure_pages(has_clerk=True) != clerk


@pytest.mark.parametrize("is_whole", [True, False])
def test_an_existing_build_can_be_rebuilt(
    tree: Path, monkeypatch: pytest.MonkeyPatch, is_whole: bool
) -> None:
    pins = tree / "reflex.lock" / "package.json"
    pins.parent.mkdir()
    pins.write_text("{}")
    build_folder = ui_build.ensure_pages()
    (build_folder / "shown").touch()
    if not is_whole:
        (build_folder / "build" / "client" / "index.html").unlink()
    pins.write_text("{ }")  # edited by hand: the build tidies it

    def export(web: Path, *_: str, has_clerk: bool = False) -> None:
        _export(web, has_clerk=has_clerk)
        pins.write_text("{}")

    monkeypatch.setattr(ui_build, "_export", export)
    assert ui_build.ensure_pages() == build_folder
    assert (build_folder / "build" / "client" / "index.html").exists()
    assert (build_folder / "shown").exists() is is_whole


def test_old_builds_are_deleted(tree: Path) -> None:
    for number in range(ui_build.MAX_BUILDS + 3):
        (tree / "coursebook" / "ui" / "page.py").write_text(str(number))
        ui_build.ensure_pages()
    assert len(list((tree / ".reflex" / "pages").iterdir())) == ui_build.MAX_BUILDS


def test_packages_of_a_schools_pages_are_never_noted_among_ours(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tree / "reflex.lock" / "package.json"
    ours.parent.mkdir()
    ours.write_text("{}")
    assert ui_build.own_pins("reflex.lock") is None
    school_file = tree / "school" / "numbers" / "__init__.py"
    monkeypatch.setattr(ui_build, "_school_sources", lambda: iter([(tree, school_file)]))
    own = ui_build.own_pins("reflex.lock")
    assert own is not None
    assert own.is_relative_to(tree / ".reflex")
    (own / "package.json").write_text('{"dependencies": {"recharts": "3"}}')
    assert ui_build.own_pins("reflex.lock") == own
    assert "recharts" in (own / "package.json").read_text()  # so that no start installs it again
    ours.write_text('{"dependencies": {"react": "20"}}')  # an update of the product
    assert ui_build.own_pins("reflex.lock") == own
    assert (own / "package.json").read_text() == ours.read_text()


def test_without_a_network_the_error_is_one_sentence(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(ui_build, "TOOLS", tree)
    monkeypatch.setattr(ui_build, "EXPORT", ("-c", "print('npm error code EAI_AGAIN'); exit(1)"))
    with pytest.raises(CannotStart, match="npm registry could not be reached"):
        ui_build._export(tree / ".web")


def test_a_page_that_is_wrong_is_its_one_sentence(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(ui_build, "TOOLS", tree)
    sentence = "school/x/__init__.py, line 3: Upload cannot work."
    script = f"print('Compiling'); print({sentence!r}); exit({ui_build.WRONG_PAGE})"
    monkeypatch.setattr(ui_build, "EXPORT", ("-c", script))
    with pytest.raises(CannotStart) as caught:
        ui_build._export(tree / ".web")
    assert str(caught.value) == sentence


def test_a_package_that_cannot_be_bundled_is_named_above_the_stack(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(ui_build, "TOOLS", tree)
    script = "print('Error: no marked'); print('    at build\\n' * 20); exit(1)"
    monkeypatch.setattr(ui_build, "EXPORT", ("-c", script))
    with pytest.raises(CannotStart, match=r"could not be built:\nError: no marked\n    at build"):
        ui_build._export(tree / ".web")


def test_a_failed_build_shows_its_last_lines_and_the_log_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(ui_build, "TOOLS", tree)
    monkeypatch.setattr(ui_build, "EXPORT", ("-c", "print('SyntaxError: oh'); exit(1)"))
    with pytest.raises(CannotStart, match=r"(?s)could not be built:.*oh.*web-build\.log"):
        ui_build._export(tree / ".web")


@pytest.mark.parametrize("code", [0, 1])
def test_a_build_rewrites_a_copy_of_the_pins_and_notes_it_when_it_succeeds(
    tree: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Reflex writes the packages without ours first, and the whole list half a minute later."""
    monkeypatch.undo()
    monkeypatch.setattr(ui_build, "TOOLS", tree)
    monkeypatch.setattr(ui_build, "PROJECT", tree)
    pins = tree / "reflex.lock"
    pins.mkdir()
    (pins / "package.json").write_text("whole")
    (pins / "package-lock.json").write_text("locked")
    unchanged = (pins / "package-lock.json").stat().st_ino
    seen = tree / "seen"
    script = f"""
import os, pathlib
build = pathlib.Path(os.environ["COURSEBOOK_PINS"], "package.json")
text = build.read_text()
build.write_text("half")
pathlib.Path({str(seen)!r}).write_text(pathlib.Path({str(pins)!r}, "package.json").read_text())
build.write_text(text + " and more")
exit({code})
"""
    monkeypatch.setattr(ui_build, "EXPORT", ("-c", script))
    with suppress(CannotStart):
        ui_build._export(tree / ".web")
    assert seen.read_text() == "whole", "others read the pins during a build"
    noted = "whole and more" if code == 0 else "whole"
    assert (pins / "package.json").read_text() == noted
    assert (pins / "package-lock.json").stat().st_ino == unchanged


def test_every_module_the_pages_import_is_watched_or_used_only_at_run_time() -> None:
    watched = {path.relative_to(ROOT) for path in ui_build.sources()}
    for module, importer in _imports():
        place = Path(*module.split("."))
        is_watched = bool({place.with_suffix(".py"), place / "__init__.py"} & watched)
        assert is_watched or module in NOT_BAKED, f"{importer} imports {module}"


def _imports() -> Iterator[tuple[str, Path]]:
    pages = [ROOT / "rxconfig.py", ROOT / "coursebook" / "coursebook.py"]
    for path in [*pages, *(ROOT / "coursebook" / "ui").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("coursebook."):
                yield str(node.module), path.relative_to(ROOT)


def _export(web: Path, *_: str, has_clerk: bool = False) -> None:
    client = web / "build" / "client"
    client.mkdir(parents=True, exist_ok=True)
    source = web.parent / "coursebook" / "ui" / "page.py"
    (client / "index.html").write_text(source.read_text())
    with (web.parent / "builds").open("a") as note:
        note.write("built\n")


def _builds(tree: Path) -> int:
    return (tree / "builds").read_text().count("built")
