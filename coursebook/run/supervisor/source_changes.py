"""Watch the sources for `coursebook run --reload`."""

import threading
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

from coursebook.run.paths import IS_INSTALLED, ROOT

WATCHED = ("coursebook", "assets", "rxconfig.py", "alembic")
STEP_MILLISECONDS = 40
"""How long no further file must change: an editor or git writes several at once."""
ENDINGS = (".py", ".toml", ".css", ".js", ".jsx", ".mjs", ".html", ".svg", ".png", ".woff2", ".ico")


class SourceChanges:
    """Tells whether a source has changed; a thread watches until `stop` is set."""

    def __init__(self, school: Path, stop: threading.Event) -> None:
        ours = () if IS_INSTALLED else tuple(ROOT / name for name in WATCHED)
        self._paths = [path for path in (*ours, school) if path.exists()]
        self._stop = stop
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, name="source changes", daemon=True).start()

    def take(self) -> list[str]:
        """Return the paths that have changed since the last call."""
        with self._lock:
            changed, self._changed = sorted(self._changed), set()
        return changed

    def _watch(self) -> None:
        changes = watch(
            *self._paths,
            watch_filter=_Sources(),
            step=STEP_MILLISECONDS,
            rust_timeout=1000,
            stop_event=self._stop,
            raise_interrupt=False,
        )
        for changed in changes:
            with self._lock:
                self._changed |= {path for _, path in changed}


class _Sources(DefaultFilter):
    """Files that a page or the product is made of, without what a build writes."""

    def __call__(self, change: Change, path: str) -> bool:
        is_made = "/assets/external/" in f"{path}/"
        # The first files of a new folder may be there before it is watched.
        is_source = path.endswith(ENDINGS) or (change is Change.added and Path(path).is_dir())
        return is_source and not is_made and super().__call__(change, path)
