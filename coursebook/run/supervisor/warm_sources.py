"""Which edits concern what a warm process has imported of ours."""

from collections.abc import Iterable
from pathlib import Path

from coursebook.run.paths import PACKAGE, ROOT
from coursebook.school.reader import FILE

SERVER = ("granian.cli", "httpcore", "anyio._backends._asyncio", "stripe._stripe_client")
"""What the product imports only when it starts: its server and its clients."""
BELOW_PAGES = (
    "coursebook.wiring",
    "coursebook.api.app",
    "coursebook.worker.loop",
    "coursebook.http_security.security_headers",
    "coursebook.run.supervisor.warm_texts",
)
"""What a warm process imports of ours: most of an import of the product, and seldom edited while
its pages are developed. None of it imports the pages or an extension; a test says so."""
NOT_IMPORTED = ("ui", "extend.py", "testing.py", "coursebook.py", "asgi.py")
ASSETS = "assets"


class WarmSources:
    """The sources as they were when a warm process imported them. `school`: SCHOOL_DIR."""

    def __init__(self, school: Path) -> None:
        self._others = (*(PACKAGE / name for name in NOT_IMPORTED), ROOT / ASSETS)
        self._school, self._known = school, set(school.rglob("*"))

    def are_as_imported(self, changed: Iterable[str]) -> bool:
        """Tell whether these edits concern nothing that was imported.

        Of the school, brand and list of files were read; the content of other files was not.
        """
        return all(self._is_unread(Path(path)) for path in changed)

    def _is_unread(self, path: Path) -> bool:
        if path.is_relative_to(self._school):
            is_old = path in self._known and path.exists()
            return is_old and path != self._school / FILE
        return any(path.is_relative_to(other) for other in self._others)
