"""`coursebook backup` and `coursebook restore`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from coursebook.errors import CoursebookError
from coursebook.persistence.maintenance.backup import BackupProblem, back_up, restore
from coursebook.persistence.unit_of_work import writing
from coursebook.run.paths import ROOT
from coursebook.run.problem import CannotStart, settings_or_sentence
from coursebook.run.supervisor.locks import sole_run
from coursebook.services.metrics import BACKUP
from coursebook.settings import Settings
from coursebook.wiring import database_of


def make_backup(file: Path, *, may_replace: bool) -> None:
    """Write a backup to `file`. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    try:
        back_up(address_of(settings), file, may_replace=may_replace)
    except (BackupProblem, OSError) as error:
        raise CannotStart(f"No backup was made. {error}") from None
    print(f"{file} holds a copy of everything ({file.stat().st_size:,} bytes). Keep it private.")
    try:
        asyncio.run(_note_backup(settings))
    except (CoursebookError, OSError) as error:
        print(f"Its time could not be recorded, so `doctor` does not know about it: {error}")


def restore_backup(file: Path, *, may_replace: bool) -> None:
    """Restore from `file`; refused while coursebook runs. Raises CannotStart with one sentence."""
    settings = settings_or_sentence()
    data = (ROOT / settings.coursebook_data).resolve()
    data.mkdir(parents=True, exist_ok=True)
    try:
        with sole_run(data, {}):
            previous = restore(
                address_of(settings), file, datetime.now(UTC), may_replace=may_replace
            )
    except (BackupProblem, OSError) as error:
        raise CannotStart(f"Nothing was restored. {error}") from None
    print(f"The database is now the one from {file}.")
    if previous is not None:
        print(f"The previous data is in {previous}.")
    print("Next: `coursebook run`, then `coursebook doctor` and `coursebook reconcile`.")


def address_of(settings: Settings) -> str:
    """Return the database's address as configured, with every libpq option."""
    is_postgres = settings.database_url.startswith("postgres")
    return settings.database_url if is_postgres else settings.async_database_url


async def _note_backup(settings: Settings) -> None:
    database = database_of(settings)
    try:
        async with writing(database) as work:
            await work.heartbeats.beat(BACKUP, datetime.now(UTC))
    finally:
        await database.close()
