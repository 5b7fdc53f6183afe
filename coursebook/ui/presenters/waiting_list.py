"""What the page of a course says about the viewer's entry of its waiting list."""

from coursebook.domain.waiting_list.entry import EntryState
from coursebook.services.views import OwnPlaceView
from coursebook.services.waiting_list.views import WaitingView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import OwnPlaceRow


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
    return OwnPlaceRow(viewer=viewer, course_id=course_id, kind=kind, words=text)


def kept_until(own: OwnPlaceView, language: str) -> str:
    """Return until when a place from the waiting list is kept; "" for any other."""
    if not own.is_offer or own.hold_expires_at is None:
        return ""
    until = say.moment(own.hold_expires_at, own.timezone, language)
    return str(i18n.of(language).PLACE_KEPT.format(until=until))
