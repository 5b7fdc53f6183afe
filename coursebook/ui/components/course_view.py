"""A course as its students see it, drawn from a row: for its page and for previews of it.

Every function takes `row`, a variable of the type `CourseDetailRow` of any state, and reads nothing
else of that state. So the same functions draw four things:

- the page of a course: `course_view(row, BoxParts(...))` with the buttons that book;
- the page «Preview» of a course that is not public: `course_view(row, still_parts(row))`;
- the same as on a phone, however wide the screen is: `course_view_on_phone(row, still_parts(row))`;
- the preview beside a form: `course_preview(row)`, one panel as wide as its column.

A preview has no handlers and cannot be pressed or focused. An empty text of its row is drawn as a
skeleton: a draft has no value there yet, or what was typed is not one. The row of a preview is made
by `presenters/course_preview.py`. Its `id` may be empty; with the id of a course that somebody has
open, live updates change the places left as on any page.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import reflex as rx

from coursebook.extensions.loader import course_fields
from coursebook.ui import i18n, kit
from coursebook.ui.components.course_card import newest, places_badge
from coursebook.ui.components.page_states import lines
from coursebook.ui.kit.types import Text
from coursebook.ui.presenters.rows import BookingRow, CourseDetailRow
from coursebook.ui.states.session import SessionState

Row = rx.Var[CourseDetailRow]


class Action(Protocol):
    """Returns the button of a course; `wide`: as wide as the box."""

    def __call__(self, test_id: str, *, wide: bool) -> rx.Component:
        """Return the button."""


@dataclass(frozen=True, kw_only=True)
class BoxParts:
    """The parts of the booking box and of a phone's bar that not every page has.

    `price` is the price to pay. `hides_places`: the viewer has a place, so the places left do not
    matter. `own` says what the viewer has booked, `notice` what came of a click, `note` stands
    below the button, `unseen` are invisible parts, `dates` the other dates. `has_bones`: the
    row may have empty texts.
    """

    price: rx.Var[str]
    action: Action
    note: rx.Component
    hides_places: rx.Var[bool] | bool = False
    own: rx.Component | None = None
    notice: rx.Component | None = None
    unseen: tuple[rx.Component, ...] = ()
    dates: rx.Component | None = None
    has_bones: bool = False


def course_view(row: Row, parts: BoxParts) -> rx.Component:
    """Return the whole course: its beginning, the booking box beside it, the rest, the bar."""
    split = kit.aside_split(_intro(row, parts), _box(row, parts), _rest(row, parts))
    return kit.with_bar(split, _bar(row, parts))


def course_view_on_phone(row: Row, parts: BoxParts) -> rx.Component:
    """Return the whole course below each other. Its only button is in the bar, as on a phone."""
    box = _box(row, replace(parts, action=_no_action))
    return kit.stack(_intro(row, parts), box, _rest(row, parts), _bar(row, parts), gap="xl")


def course_preview(row: Row) -> rx.Component:
    """Return the panel beside a form: picture, titles, time and place, price, the button.

    It is inert: nothing in it takes a click or the focus.
    """
    language = SessionState.courses_language
    return kit.panel(
        kit.picture(row.image, eager=True),
        kit.stack(
            _or_bone(row.category, "eyebrow", kit.eyebrow(row.category, " · ", row.level)),
            _or_bone(row.title, "heading", kit.section_title(row.title, lang=language, dir="auto")),
            _or_bone(row.summary, "line", kit.body(row.summary, tone="soft", lang=language)),
            gap="sm",
        ),
        kit.details(
            _or_bone(row.day, "short", kit.detail_line("calendar", row.when)),
            _or_bone(row.place, "short", kit.detail_line("map-pin", row.where)),
        ),
        kit.rule(),
        kit.spread(
            _or_bone(row.price, "badge", kit.big_amount(row.price)),
            _or_bone(row.places, "badge", places_badge(row)),
        ),
        _still_button(row, "preview-book", wide=True),
        custom_attrs={"inert": True},
        aria_label=i18n.BOOK_BOX,
        data_testid="course-preview",
    )


def still_parts(row: Row) -> BoxParts:
    """Return the parts of a page on which nothing can be booked."""
    return BoxParts(
        price=row.price,
        action=lambda test_id, *, wide: _still_button(row, test_id, wide=wide),
        note=kit.small(row.reassurance),
        has_bones=True,
    )


def booking(row: Row) -> rx.Var[str]:
    """Return whether the course can be booked, from the newest data: a word of PlacesRow."""
    return newest(row, "booking", row.booking)


def closed_button(text: Text, test_id: str, *, wide: bool) -> rx.Component:
    """Return the button of a course that cannot be booked, with the reason on it."""
    return kit.button(text, wide=wide, disabled=True, data_testid=test_id)


def course_facts(row: Row, *, has_bones: bool = False) -> rx.Component:
    """Return when, where, with whom, and the school's own fields."""
    draw = _or_bone if has_bones else _as_it_is
    return kit.facts(
        kit.fact(
            "calendar",
            i18n.FACT_WHEN,
            draw(row.day, "badge", kit.two_lines(row.day, row.hours)),
            rx.cond(
                row.meetings.length() > 0,
                meetings_of(row),
                rx.cond(
                    row.is_online,
                    kit.viewer_time(row.starts, row.ends, row.zone, i18n.YOUR_TIME),
                ),
            ),
        ),
        kit.fact(
            "map-pin",
            i18n.FACT_WHERE,
            draw(row.place, "badge", kit.two_lines(row.place, row.address)),
        ),
        kit.fact(
            "user-round",
            i18n.FACT_TEACHER,
            draw(row.instructor, "badge", kit.two_lines(row.instructor, "")),
        ),
        kit.fact("signal", i18n.FACT_LEVEL, kit.two_lines(row.level, "")),
        *_field_facts(row),
    )


def meetings_of(row: Row | rx.Var[BookingRow]) -> rx.Component:
    """Return the meetings of a course that has several, in the reader's zone too if online."""
    return kit.numbered(
        row.meetings,
        lambda meeting: rx.fragment(
            kit.two_lines(meeting.day, meeting.hours),
            rx.cond(meeting.place != "", kit.small(meeting.place, dir="auto")),
            rx.cond(
                row.is_online,
                kit.viewer_time(meeting.starts, meeting.ends, row.zone, i18n.YOUR_TIME),
            ),
        ),
        data_testid="meetings",
    )


def _intro(row: Row, parts: BoxParts) -> rx.Component:
    return kit.stack(_titles(row, parts), kit.picture(row.image, eager=True), gap="lg")


def _rest(row: Row, parts: BoxParts) -> rx.Component:
    about = kit.prose(row.description, lang=SessionState.courses_language)
    if parts.has_bones:
        about = rx.cond(row.description.length() > 0, about, lines(3))
    return kit.stack(
        course_facts(row, has_bones=parts.has_bones),
        parts.dates or rx.fragment(),
        kit.stack(kit.section_title(i18n.ABOUT_TITLE), about),
        _terms(row, has_bones=parts.has_bones),
        gap="xl",
    )


def _titles(row: Row, parts: BoxParts) -> rx.Component:
    language = SessionState.courses_language
    draw = _or_bone if parts.has_bones else _as_it_is
    share = kit.share_button(
        i18n.SHARE, title=row.title, copied=i18n.SHARE_COPIED, failed=i18n.SHARE_FAILED
    )
    return kit.stack(
        draw(row.category, "eyebrow", kit.eyebrow(row.category, " · ", row.level)),
        draw(row.title, "title", kit.page_title(row.title, lang=language, dir="auto")),
        draw(row.summary, "line", kit.lead(row.summary, lang=language, dir="auto")),
        *(() if parts.has_bones else (share,)),
    )


def _field_facts(row: Row) -> list[rx.Component]:
    """Return the facts of the school's fields; a product without such fields has nothing here."""
    if not any(declared.is_on_page for declared in course_fields()):
        return []
    return [rx.foreach(row.extra, lambda field: kit.named_fact(field.label, field.value))]


def _terms(row: Row, *, has_bones: bool) -> rx.Component:
    draw = _or_bone if has_bones else _as_it_is
    return kit.stack(
        kit.section_title(i18n.TERMS_TITLE),
        draw(row.terms, "line", kit.body(row.terms)),
        rx.cond(row.terms_steps.length() > 0, kit.bullets(row.terms_steps)),
    )


def _box(row: Row, parts: BoxParts) -> rx.Component:
    draw = _or_bone if parts.has_bones else _as_it_is
    return kit.panel(
        kit.section_title_hidden(i18n.BOOK_BOX, "booking-title"),
        kit.spread(
            draw(row.price, "badge", kit.big_amount(parts.price)),
            draw(row.places, "badge", _unless_own(parts, places_badge(row))),
        ),
        kit.figures(
            (i18n.FACT_WHEN, draw(row.days, "badge", kit.two_lines(row.days, row.times))),
            (i18n.FACT_WHERE, draw(row.where, "badge", rx.fragment(row.where))),
        ),
        parts.own or rx.fragment(),
        kit.needs_script(i18n.SCRIPT_BOOK),
        kit.wide_only(
            kit.with_script(parts.action("book", wide=True)),
            parts.notice or rx.fragment(),
        ),
        parts.note,
        rx.cond(row.book_by != "", kit.small(row.book_by)),
        rx.cond(row.is_free, rx.fragment(), kit.small(row.terms)),
        *parts.unseen,
        aria_labelledby="booking-title",
        data_testid="booking-box",
    )


def _bar(row: Row, parts: BoxParts) -> rx.Component:
    """Return the bottom bar of a phone with price and button. On wide screens the box has them."""
    return kit.stack(
        parts.notice or rx.fragment(),
        kit.bar_row(
            rx.fragment(
                kit.amount(parts.price),
                _unless_own(parts, kit.small(row.places)),
            ),
            kit.with_script(parts.action("book-bar", wide=False)),
        ),
        gap="sm",
    )


def _unless_own(parts: BoxParts, places: rx.Component) -> rx.Component:
    """Return the places left, unless the viewer has one."""
    return places if parts.hides_places is False else rx.cond(parts.hides_places, None, places)


def _still_button(row: Row, test_id: str, *, wide: bool) -> rx.Component:
    """Return the button that a student would see, without its effect."""
    text = rx.cond(booking(row) == "full", i18n.COURSE_FULL, i18n.BOOK_NOW)
    return rx.el.span(
        text,
        aria_hidden="true",
        class_name=kit.button_class("primary", wide=wide),
        data_testid=test_id,
    )


def _no_action(_test_id: str, *, wide: bool) -> rx.Component:  # noqa: ARG001 - as an `Action`
    return rx.fragment()


def _as_it_is(_text: rx.Var[str], _bone: str, drawn: rx.Component) -> rx.Component:
    """Return the drawn text: a course that is public has every text."""
    return drawn


def _or_bone(text: rx.Var[str], bone: str, drawn: rx.Component) -> rx.Component:
    """Return the drawn text, or its skeleton while the row has no text."""
    return rx.cond(text != "", drawn, kit.skeleton(bone))
