"""The school as one frozen value. Every default gives the plain product."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_NAME = "coursebook"
"""The name of a school that has set none."""


@dataclass(frozen=True)
class School:
    """A school. Empty texts mean that it has set nothing, and the plain product is shown.

    `folder` is SCHOOL_DIR, None when there is no such folder. `accent` and `accent_dark` are
    colours such as "#17594a", for light and dark mode; both are set or none. `imprint_url` and
    `privacy_url` are full addresses, or paths of this site. `logo`, `font` and `share_image` are
    paths below the folder's `assets`, such as "logo.svg"; they exist. `timezone` is the IANA name
    of the time zone of new courses.
    """

    folder: Path | None = None
    name: str = DEFAULT_NAME
    address: str = ""
    email: str = ""
    timezone: str = ""
    imprint_url: str = ""
    privacy_url: str = ""
    footer: str = ""
    accent: str = ""
    accent_dark: str = ""
    logo: str = ""
    font: str = ""
    share_image: str = ""

    @property
    def has_name(self) -> bool:
        """True when the school has set its own name."""
        return self.name != DEFAULT_NAME

    @property
    def logo_url(self) -> str:
        """The path of the logo on this site; "" without one."""
        return _url(self.logo)

    @property
    def font_url(self) -> str:
        """The path of the font of headings on this site; "" without one."""
        return _url(self.font)

    @property
    def assets(self) -> Path | None:
        """The folder of files that lie over ours; None without one."""
        return self._below("assets")

    @property
    def words(self) -> Path | None:
        """The folder of texts that lie over ours; None without one."""
        return self._below("words")

    def _below(self, name: str) -> Path | None:
        path = self.folder / name if self.folder else None
        return path if path and path.is_dir() else None


def _url(asset: str) -> str:
    return f"/{asset}" if asset else ""
