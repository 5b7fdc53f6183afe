"""What the page of a course says about the viewer's entry of its waiting list."""

from coursebook.domain.waiting_list.entry import EntryState
from coursebook.services.views import OwnPlaceView
from coursebook.services.waiting_list.views import WaitingView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import OwnPlaceRow

MAX_DOTS = 7
"""People ahead and the person's own number, as dots."""


def waiting_row(
    entry: WaitingView, viewer: str, course_id: str, language: str
) -> OwnPlaceRow | None:
    """Return what the course page says about the viewer's entry; None when it says nothing."""
    words, kind, text = i18n.of(language), "", ""
    if entry.position is not None:
        kind, text = "waiting", words.WAITING_NUMBER.format(number=entry.position)
    elif entry.state is EntryState.LAPSED and entry.is_list_open:
        kind, text = "again", words.TURN_OVER
    if not kind:
        return None
    return OwnPlaceRow(
        viewer=viewer,
        course_id=course_id,
        kind=kind,
        words=text,
        ahead=_ahead(entry.position or 1),
        number=str(entry.position or ""),
    )


def _ahead(position: int) -> list[str]:
    """Return "" for each person ahead, and "…" for those that have no room."""
    return [""] * (position - 1) if position <= MAX_DOTS else ["…", *[""] * (MAX_DOTS - 2)]


def kept_until(own: OwnPlaceView, language: str) -> str:
    """Return until when a place from the waiting list is kept; "" for any other."""
    if not own.is_offer or own.hold_expires_at is None:
        return ""
    until = say.moment(own.hold_expires_at, own.timezone, language)
    return str(i18n.of(language).PLACE_KEPT.format(until=until))
