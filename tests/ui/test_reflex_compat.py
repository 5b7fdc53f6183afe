"""Every dependency on Reflex's internals, checked in one list."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from coursebook.http_security import security_headers
from coursebook.identity.provider import CLERK_PINS, PINS
from coursebook.run.paths import ROOT
from coursebook.ui import reflex_compat
from coursebook.ui.reflex_compat import seams
from coursebook.ui.reflex_compat.text_patches import TextPatch
from tests.ui.generated import generated

MODULES = [name for _, name, _ in pkgutil.iter_modules(reflex_compat.__path__)]


def broken_seams() -> list[str]:
    """Return one line for each broken seam."""
    lines = []
    for name in MODULES:
        try:
            module = importlib.import_module(f"{reflex_compat.__name__}.{name}")
        except (seams.BrokenSeamError, ImportError, AttributeError) as error:
            lines += [f"{name}: {line}" for line in str(error).splitlines() if line[:1] != "T"]
        else:
            lines += [f"{name}: {line}" for line in _broken_in(module)]
    return [*dict.fromkeys(lines), *_unverified_packages(), *_open_addresses()]


def _broken_in(module: ModuleType) -> Iterator[str]:
    yield from seams.broken(getattr(module, "SEAMS", ()))
    for patch in getattr(module, "PATCHES", ()):
        try:
            patch.apply(generated(patch.file))
        except Exception as error:  # noqa: BLE001 - every problem belongs on the list
            yield f"{type(error).__name__}: {error}"


def _unverified_packages() -> list[str]:
    from coursebook.ui.reflex_compat.server_rendering import package_problems  # noqa: PLC0415

    return [
        line
        for pins in (PINS, CLERK_PINS)
        for line in package_problems(ROOT / pins / "package-lock.json")
    ]


def _open_addresses() -> list[str]:
    from coursebook.ui.reflex_compat.environment import BUILT_IN_ADDRESSES  # noqa: PLC0415

    left = set(BUILT_IN_ADDRESSES) - set(security_headers.BLOCKED_PATHS)
    return [f"the first middleware does not shut {address}" for address in sorted(left)]


def test_everything_that_we_rely_on_is_in_this_reflex():
    lines = broken_seams()
    assert not lines, "\n".join(["Broken seams with Reflex:", *(f"- {line}" for line in lines)])


def test_each_theme_has_something_that_can_break():
    silent = {"seams", "text_patches", "scripts", "route_manifest"}
    for name in set(MODULES) - silent:
        module = importlib.import_module(f"{reflex_compat.__name__}.{name}")
        assert getattr(module, "SEAMS", ()) or getattr(module, "PATCHES", ()), name


@pytest.mark.parametrize("text", ["", "anchor anchor"])
def test_an_anchor_that_moved_stops_the_build(text: str):
    patch = TextPatch("utils/state.js", "so that", "anchor", "other")
    with pytest.raises(seams.BrokenSeamError, match=r"utils/state\.js has 'anchor' [02] times"):
        patch.apply(text)


def test_a_seam_that_breaks_is_named_with_its_reason():
    def fails() -> bool:
        raise KeyError("hydrate_and_load")

    good = seams.Seam("good", "nothing breaks", lambda: True)
    lines = seams.broken([good, seams.Seam("a", "b", lambda: False), seams.Seam("c", "d", fails)])
    assert lines == ["a (not as expected): b", "c (KeyError: 'hydrate_and_load'): d"]
    with pytest.raises(seams.BrokenSeamError, match="- c"):
        seams.require([seams.Seam("c", "d", fails)])


def test_nothing_else_imports_what_reflex_does_not_promise():
    allowed = {"reflex", "reflex.app", "reflex.middleware", "reflex.state", "reflex_base.event"}
    room = Path(reflex_compat.__path__[0])
    for path in (ROOT / "coursebook").rglob("*.py"):
        if room in path.parents:
            continue
        words = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        modules = {line[1] for line in words if line[:1] in (["from"], ["import"]) and line[1:]}
        inner = {name for name in modules if name.partition(".")[0].startswith("reflex")}
        assert inner <= allowed, (path, inner - allowed)


PRIVATE = (
    *("__reactRouter", "hydrate_and_load", "update_vars_internal", "on_load_internal"),
    *("_rx_state_", "reflex___state", "set_is_hydrated", "_reflex_internal_init"),
    *("_update_router_vars", "_token_manager", "rx_router", "IS_RR_BUILD_REQUEST"),
)


@pytest.mark.parametrize("folder", ["coursebook", "tests"])
def test_no_private_name_of_reflex_is_written_twice(folder: str):
    here = Path(__file__)
    room = Path(reflex_compat.__path__[0])
    for path in (ROOT / folder).rglob("*"):
        is_source = path.suffix in (".py", ".js", ".jsx", ".mjs")
        if not is_source or path == here or room in path.parents or path.name == "sockets.py":
            continue
        text = path.read_text(encoding="utf-8")
        names = [name for name in PRIVATE if name in text]
        assert not names, (path, names)
