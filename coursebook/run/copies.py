"""`coursebook backup` and `coursebook restore`."""

from datetime import UTC, datetime
from pathlib import Path

from coursebook.persistence.backup import BackupProblem, back_up, restore
from coursebook.run.configured import settings_or_sentence
from coursebook.run.paths import ROOT
from coursebook.run.problem import CannotStart
from coursebook.run.running import sole_run


def make_backup(file: Path) -> None:
    """Write a copy into `file`. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    try:
        back_up(settings.async_database_url, file)
    except (BackupProblem, OSError) as problem:
        raise CannotStart(f"No backup was made. {problem}") from None
    print(
        f"{file} holds a copy of everything ({file.stat().st_size:,} bytes). Keep it to yourself."
    )


def put_back(file: Path, *, may_replace: bool) -> None:
    """Restore from `file`; refused while coursebook runs. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    data = (ROOT / settings.coursebook_data).resolve()
    data.mkdir(parents=True, exist_ok=True)
    url = settings.async_database_url
    try:
        with sole_run(data, {}):
            kept = restore(url, file, datetime.now(UTC), may_replace=may_replace)
    except (BackupProblem, OSError) as problem:
        raise CannotStart(f"Nothing was restored. {problem}") from None
    print(f"The database is that of {file} now.")
    if kept is not None:
        print(f"What was there before lies in {kept}.")
    print("Next: `coursebook run`, then `coursebook doctor` and `coursebook reconcile`.")
