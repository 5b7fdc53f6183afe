"""The room of an online course: its link is for people with a confirmed place, and nobody else.

An operator may have written the link where the place or the address stands. So whatever those two
fields of an online course hold, only what has no web address in it is public.
"""

import re
from dataclasses import dataclass

WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'()]+", re.IGNORECASE)
_LINK_LIKE = re.compile(r"://|\bwww\.|\b[\w-]+(\.[\w-]+)*\.[a-z]{2,}/\S", re.IGNORECASE)
"""A web address, also without its scheme: `zoom.example/j/123`."""


def has_link(text: str) -> bool:
    """Tell whether a text holds a web address."""
    return _LINK_LIKE.search(text) is not None


def public_place(*, is_online: bool, name: str, address: str) -> tuple[str, str]:
    """Return the name and the address of a place that everybody may see.

    An online course has no postal address, and a name that holds a link is left out whole, since a
    password may stand beside it.
    """
    if not is_online:
        return name, address
    return ("" if has_link(name) else name), ""


@dataclass(frozen=True)
class Room:
    """Where an online course meets: its web address, and what belongs to it, such as a code.

    Both are empty for a course in a place, and while the school has written no link down.
    """

    link: str = ""
    note: str = ""


def room_of(*, is_online: bool, join_url: str, name: str, address: str) -> Room:
    """Return the room of a course, also when its link was written into the name or address."""
    match = WEB_ADDRESS.search(address) or WEB_ADDRESS.search(name)
    link = join_url or (match[0].rstrip(".,;") if match else "")
    if not is_online or not link:
        return Room()
    private = [text for text in (name, address) if has_link(text) or text is address]
    return Room(link, " ".join(" ".join(private).replace(link, " ").split()).strip(" ,;:|-"))
