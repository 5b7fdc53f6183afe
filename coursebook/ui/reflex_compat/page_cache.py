"""Compiled pages that are taken from the build before, for development.

Reflex compiles all pages of a program at each build: 0.1 s of a processor for each. Here the pages
of a module are compiled again only when something that they are made of has changed, which the
caller says with a key for each module. Everything that pages have in common is always made again.
"""

# ruff: noqa: SLF001 - Reflex keeps the module of a page in a private field

import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reflex.compiler import compiler
from reflex_base.plugins.compiler import CompileContext, PageContext
from reflex_base.utils.imports import merge_imports
from reflex_components_core.base.fragment import Fragment

from coursebook.ui.reflex_compat.seams import Seam, has_all, require

Imports = dict[str, list[Any]]
Wrap = tuple[int, str]


@dataclass
class CompiledPage:
    """What Reflex made of one page."""

    path: str
    code: str
    imports: Imports
    has_states: bool
    wraps: frozenset[Wrap]


@dataclass
class CompiledModule:
    """What Reflex made of the pages of one Python module, and their shared components.

    `shown` are the JavaScript modules of each page before Reflex divides it (`imports_of`).
    """

    key: str
    pages: dict[str, CompiledPage] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)
    file_imports: Imports = field(default_factory=dict)
    shown: dict[str, dict[str, list[str]]] = field(default_factory=dict)


class PageCache:
    """The compiled pages of the build before, and those of this one."""

    def __init__(self, known: Mapping[str, CompiledModule], keys: Mapping[str, str]) -> None:
        self._keys = keys
        self.known = {name: one for name, one in known.items() if one.key == keys.get(name)}
        self.made: dict[str, CompiledModule] = {}

    @classmethod
    def read(cls, file: Path, keys: Mapping[str, str]) -> "PageCache":
        """Return the cache in a file. `keys`: that of the pages of each Python module."""
        try:
            known = pickle.loads(file.read_bytes())  # noqa: S301 - our own file
        except Exception:  # noqa: BLE001 - none yet, half written, or of another version
            known = {}
        return cls(known, keys)

    def write(self, file: Path) -> None:
        """Store what is valid now."""
        file.write_bytes(pickle.dumps({**self.known, **self.made}))

    def module(self, name: str) -> CompiledModule:
        """Return what is kept of the pages of a Python module, for more to be added."""
        if name in self.known:
            return self.known[name]
        return self.made.setdefault(name, CompiledModule(self._keys.get(name, "")))

    def forget(self) -> None:
        """Compile all pages again."""
        self.known.clear()

    @property
    def shown(self) -> dict[str, dict[str, list[str]]]:
        """`imports_of` the pages that have not changed, by their routes."""
        modules = self.known.values()
        return {route: one for module in modules for route, one in module.shown.items()}

    def install(self) -> None:
        """Make Reflex's compiler use this cache."""
        cache = self

        class Remembering(CompileContext):
            """Compiles the pages that have changed, and takes the others from the cache."""

            def compile(self, **more: Any) -> dict[str, PageContext]:
                return cache._compiled(self, super().compile, **more)

        compiler.CompileContext = Remembering  # type: ignore[attr-defined]
        compiler.compile_memo_components = self._memo_files

    def _compiled(
        self, context: CompileContext, compile_all: Callable[..., Any], **more: Any
    ) -> dict[str, PageContext]:
        pages = context.pages
        context.pages = self._changed(pages)
        compile_all(**more)
        if self._wraps() - context.app_wrap_components.keys():  # only a component has them
            self.forget()
            context.pages = pages
            compile_all(**more)
        for page in context.pages:
            self._keep(page, context)
        context.pages = pages
        fresh = dict(context.compiled_pages)
        context.compiled_pages.clear()
        for page in pages:
            is_fresh = page.route in fresh
            context.compiled_pages[page.route] = (
                fresh[page.route] if is_fresh else self._restored(page, context)
            )
        imports = [made.frontend_imports for made in context.compiled_pages.values()]
        context.all_imports = merge_imports(context.all_imports, *imports)
        return context.compiled_pages

    def _changed(self, pages: Sequence[Any]) -> list[Any]:
        """Return the pages to compile: at least one, which has what stands around all pages."""
        if pages and all(map(self._has, pages)):
            del self.known[pages[-1]._source_module]
        return [page for page in pages if not self._has(page)]

    def _has(self, page: Any) -> bool:
        module = self.known.get(page._source_module)
        return module is not None and page.route in module.pages

    def _wraps(self) -> set[Wrap]:
        pages = [page for module in self.known.values() for page in module.pages.values()]
        return {wrap for page in pages for wrap in page.wraps}

    def _keep(self, page: Any, context: CompileContext) -> None:
        made = context.compiled_pages[page.route]
        assert made.output_path is not None
        assert made.output_code is not None
        self.module(page._source_module).pages[page.route] = CompiledPage(
            path=made.output_path,
            code=made.output_code,
            imports=made.frontend_imports,
            has_states=page.route in context.stateful_routes,
            wraps=frozenset(made.app_wrap_components),
        )

    def _restored(self, page: Any, context: CompileContext) -> PageContext:
        kept = self.known[page._source_module].pages[page.route]
        if kept.has_states:
            context.stateful_routes[page.route] = None
        return PageContext(
            name=page.route,
            route=page.route,
            root_component=Fragment.create(),
            frontend_imports=kept.imports,
            output_path=kept.path,
            output_code=kept.code,
        )

    def _memo_files(self, memos: Iterable[Any] = ()) -> tuple[list[tuple[str, str]], Imports]:
        """Return the files of the components that Reflex made of parts of pages."""
        apart: dict[str, list[Any]] = {name: [] for name in self.made}
        others: list[Any] = []
        for memo in memos:
            if memo.source_module not in self.known:
                apart.get(memo.source_module, others).append(memo)
        files, imports = _compile_memos(others)
        for name, own in apart.items():
            made = self.made[name]
            made.files, made.file_imports = _compile_memos(own) if own else ([], {})
        modules = (*self.known.values(), *self.made.values())
        for module in modules:
            files += module.files
        return files, merge_imports(imports, *(module.file_imports for module in modules))


_compile_memos = compiler.compile_memo_components

SEAMS = (
    Seam(
        "the compilation of pages",
        "an edit of one page compiles this page only",
        lambda: (
            has_all(CompileContext, "compile")
            and {"pages", "compiled_pages", "all_imports", "stateful_routes"}
            <= {*CompileContext.__dataclass_fields__}
            and {"frontend_imports", "output_path", "output_code", "app_wrap_components"}
            <= {*PageContext.__dataclass_fields__}
            and has_all(compiler, "compile_memo_components")
        ),
    ),
)
require(SEAMS)
