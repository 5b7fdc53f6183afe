"""Compiled pages that are kept from one build to the next."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from reflex.compiler import compiler
from reflex_base.plugins.compiler import CompileContext, PageContext

from coursebook.ui.reflex_compat import page_cache
from coursebook.ui.reflex_compat.page_cache import PageCache

WRAP = (1, "StateProvider")


class Compiler:
    """Stands in for Reflex's compiler, and records the pages that it compiles."""

    def __init__(self) -> None:
        self.compiled: list[str] = []

    def build(self, file: Path, keys: dict[str, str], wraps: Iterable[Any] = (WRAP,)) -> Any:
        """Build the pages `/home` and `/about`, of modules with these keys."""
        self.compiled.clear()
        cache = PageCache.read(file, keys)
        pages = [SimpleNamespace(route=f"/{name}", _source_module=name) for name in keys]
        context = CompileContext(pages=pages)
        compiled = cache._compiled(context, self._compile(context, wraps))
        memos = [
            SimpleNamespace(source_module=name) for name in ("kit", *dict.fromkeys(self.compiled))
        ]
        files, _ = cache._memo_files(memos)
        cache.write(file)
        return {
            "codes": [page.output_code for page in compiled.values()],
            "files": sorted(path for path, _ in files),
        }

    def _compile(self, context: CompileContext, wraps: Iterable[Any]) -> Callable[..., Any]:
        def compile_pages() -> None:
            context.compiled_pages.clear()
            for page in context.pages:
                name = page.route.strip("/")
                self.compiled.append(name)
                context.compiled_pages[page.route] = PageContext(
                    name=name,
                    route=page.route,
                    root_component=None,  # type: ignore[arg-type]
                    output_path=f"{name}.jsx",
                    output_code=f"code of {name}",
                    app_wrap_components=dict.fromkeys(wraps),  # type: ignore[arg-type]
                )
                context.app_wrap_components.update(dict.fromkeys(wraps))  # type: ignore[arg-type]

        return compile_pages


@pytest.fixture
def reflex(monkeypatch: pytest.MonkeyPatch) -> Compiler:
    def compile_memos(memos: Iterable[Any]) -> tuple[list[tuple[str, str]], dict[str, list[Any]]]:
        return [(f"{memo.source_module}-parts.jsx", "") for memo in memos], {}

    monkeypatch.setattr(page_cache, "_compile_memos", compile_memos)
    return Compiler()


WHOLE = {
    "codes": ["code of home", "code of about"],
    "files": ["about-parts.jsx", "home-parts.jsx", "kit-parts.jsx"],
}


def test_only_the_pages_of_an_edited_module_are_compiled_again(
    reflex: Compiler, tmp_path: Path
) -> None:
    file = tmp_path / "known"
    assert reflex.build(file, {"home": "1", "about": "1"}) == WHOLE
    assert reflex.compiled == ["home", "about"]
    assert reflex.build(file, {"home": "2", "about": "1"}) == WHOLE
    assert reflex.compiled == ["home"]


def test_one_page_is_always_compiled_for_what_stands_around_all(
    reflex: Compiler, tmp_path: Path
) -> None:
    file, keys = tmp_path / "known", {"home": "1", "about": "1"}
    reflex.build(file, keys)
    assert reflex.build(file, keys) == WHOLE
    assert reflex.compiled == ["about"]


def test_all_are_compiled_when_only_a_kept_page_had_something_around_it(
    reflex: Compiler, tmp_path: Path
) -> None:
    file = tmp_path / "known"
    reflex.build(file, {"home": "1", "about": "1"})
    assert reflex.build(file, {"home": "2", "about": "1"}, wraps=()) == WHOLE
    assert reflex.compiled[-2:] == ["home", "about"]


def test_a_new_page_is_added_and_a_removed_one_forgotten(reflex: Compiler, tmp_path: Path) -> None:
    file = tmp_path / "known"
    reflex.build(file, {"home": "1"})
    assert reflex.build(file, {"home": "1", "about": "1"}) == WHOLE
    assert reflex.compiled == ["about"]
    assert reflex.build(file, {"home": "1"})["codes"] == ["code of home"]


def test_a_damaged_file_is_no_cache(reflex: Compiler, tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_bytes(b"half a fi")
    assert reflex.build(file, {"home": "1", "about": "1"}) == WHOLE


def test_the_compiler_of_reflex_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CompileContext", "compile_memo_components"):
        monkeypatch.setattr(compiler, name, getattr(compiler, name))
    PageCache({}, {}).install()
    assert issubclass(compiler.CompileContext, CompileContext)  # type: ignore[attr-defined]
    assert compiler.CompileContext is not CompileContext  # type: ignore[attr-defined]
