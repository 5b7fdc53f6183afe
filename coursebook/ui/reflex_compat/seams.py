"""Named checks of the installed Reflex."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


class BrokenSeamError(RuntimeError):
    """The installed Reflex lacks something that this product relies on."""

    def __init__(self, lines: Iterable[str]) -> None:
        text = "\n".join(f"- {line}" for line in lines)
        super().__init__(f"This Reflex version lacks what coursebook relies on:\n{text}")


@dataclass(frozen=True)
class Seam:
    """A name or behaviour of Reflex that we rely on. `why`: the feature that needs it."""

    name: str
    why: str
    holds: Callable[[], object]

    def problem(self) -> str:
        """Return a line that names the seam and the reason, "" while it holds."""
        try:
            reason = "" if self.holds() else "not as expected"
        except Exception as error:  # noqa: BLE001 - a check may fail in any way on another version
            reason = f"{type(error).__name__}: {error}"
        return f"{self.name} ({reason}): {self.why}" if reason else ""


def broken(seams: Iterable[Seam]) -> list[str]:
    """Return one line for each seam that does not hold."""
    return [line for seam in seams if (line := seam.problem())]


def require(seams: Iterable[Seam]) -> None:
    """Check seams at import. Raises BrokenSeamError."""
    lines = broken(seams)
    if lines:
        raise BrokenSeamError(lines)


def has_all(owner: object, *names: str) -> bool:
    """Tell whether an object has all of these attributes. Raises AttributeError for the first."""
    for name in names:
        getattr(owner, name)
    return True
