"""The room of an online course. Only people with a confirmed place get its link.

An operator may have entered the link in the field of the place or address. So a name or address of
an online course is public only if it contains no web address.
"""

import re
from dataclasses import dataclass

WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'()]+", re.IGNORECASE)
_LINK_LIKE = re.compile(r"://|\bwww\.|\b[\w-]+(\.[\w-]+)*\.[a-z]{2,}/\S", re.IGNORECASE)
"""A web address, also without its scheme: `zoom.example/j/123`."""


def has_link(text: str) -> bool:
    """Return whether a text contains a web address."""
    return _LINK_LIKE.search(text) is not None


def public_place(*, is_online: bool, name: str, address: str) -> tuple[str, str]:
    """Return the public name and address of a course's place.

    An online course has no postal address. A name that contains a link is dropped entirely, because
    it may also contain a password.
    """
    if not is_online:
        return name, address
    return ("" if has_link(name) else name), ""


@dataclass(frozen=True)
class Room:
    """Where an online course meets: its web address, and a note such as an access code.

    Both are empty for an in-person course, and as long as no link was entered.
    """

    link: str = ""
    note: str = ""


def room_of(*, is_online: bool, join_url: str, name: str, address: str) -> Room:
    """Return the room of a course, also when its link was entered as the name or address."""
    match = WEB_ADDRESS.search(address) or WEB_ADDRESS.search(name)
    link = join_url or (match[0].rstrip(".,;") if match else "")
    if not is_online or not link:
        return Room()
    private = [text for text in (name, address) if has_link(text) or text is address]
    return Room(link, " ".join(" ".join(private).replace(link, " ").split()).strip(" ,;:|-"))
