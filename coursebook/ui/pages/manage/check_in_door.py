"""`/manage/check-in/{meeting}`: the page at the door, for a phone. It calls the API by itself."""

from typing import Any

import reflex as rx

from coursebook.domain.money import CURRENCIES, exponent_of
from coursebook.ui import i18n, layout
from coursebook.ui.kit.check_in.door import door
from coursebook.ui.page import Page

ROUTE = "/manage/check-in/[meeting_key]"
TODAY = "/manage"


def check_in_door() -> rx.Component:
    """Return the page."""
    paths = {"back": TODAY, "signIn": "/sign-in"}
    return layout.bare_page(door(_words(), paths, target=layout.TARGET))


def _words() -> dict[str, Any]:
    words = i18n.manage
    return {
        **words.DOOR,
        "ways": words.DOOR_WAYS,
        "camera": words.DOOR_CAMERA,
        "codeTitles": words.DOOR_CODE_TITLES,
        "codeTexts": words.DOOR_CODE_TEXTS,
        "refusals": words.DOOR_REFUSALS,
        "walkInProblems": words.DOOR_WALK_IN_PROBLEMS,
        "cashProblems": words.DOOR_CASH_PROBLEMS,
        "faceTitles": words.DOOR_FACE_TITLES,
        "faceTexts": words.DOOR_FACE_TEXTS,
        "exponents": {code: exponent_of(code) for code in CURRENCIES},
    }


PAGE = Page(
    route=ROUTE,
    build=check_in_door,
    title=i18n.manage.CHECK_IN_TITLE,
    is_public=False,
    uses_camera=True,
)
