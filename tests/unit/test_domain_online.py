"""Online courses: which parts of the venue are public, and where the join link is."""

import pytest

from coursebook.domain.online_room import Room, has_link, public_place, room_of

ZOOM = "https://zoom.example/j/123456?pwd=secret"


@pytest.mark.parametrize(
    "text",
    [
        ZOOM,
        f"Zoom: {ZOOM} Passcode 42",
        "HTTPS://ZOOM.EXAMPLE/J/1",
        "www.zoom.example",
        "zoom.example/j/123?pwd=x",
        "zoommtg://zoom.example/join",
    ],
)
def test_a_text_with_a_url_is_recognised(text: str):
    assert has_link(text)


@pytest.mark.parametrize("text", ["", "Live online, with critiques", "Room 1/2", "Zoom. Bring tea"])
def test_a_text_without_a_url_is_not(text: str):
    assert not has_link(text)


def test_the_join_link_is_never_public_in_any_field():
    assert public_place(is_online=True, name="Live online", address=ZOOM) == ("Live online", "")
    assert public_place(is_online=True, name=f"Zoom {ZOOM}", address="pass 1") == ("", "")
    shown = public_place(is_online=False, name="Hall", address="see https://hall.example/way")
    assert shown == ("Hall", "see https://hall.example/way")


def test_the_join_link_is_the_field_or_the_first_url_in_a_text():
    room = {"is_online": True, "join_url": "", "name": "Live", "address": f"{ZOOM}, code 7"}
    assert room_of(**room) == Room(ZOOM, "code 7")
    given = room_of(**{**room, "join_url": "https://meet.example/a", "address": "Code 7"})
    assert given == Room("https://meet.example/a", "Code 7")
    assert room_of(**{**room, "name": ZOOM, "address": "code 8"}) == Room(ZOOM, "code 8")
    assert room_of(**{**room, "is_online": False}) == Room()
    assert room_of(**{**room, "address": "Code 7"}) == Room()
