"""The fields of the form of a course, in their parts: what, when, where, price, and the rest."""

from typing import Any

import reflex as rx

from coursebook.domain.course import LEVELS
from coursebook.domain.course_fields import CourseField
from coursebook.domain.money import CURRENCIES
from coursebook.extensions.loader import course_fields
from coursebook.ui import i18n, kit
from coursebook.ui.components.booking_parts import VIEWER_TIMEZONE
from coursebook.ui.kit.types import Text
from coursebook.ui.presenters.manage.course_form import (
    AS_IT_IS,
    CLOSE_LIST,
    LEADS,
    NO_LIST,
    TERMS,
    TURNS,
)
from coursebook.ui.presenters.manage.course_form_rows import MeetingFields
from coursebook.ui.states.manage.course_form import MAX_MEETINGS, CourseFormState

LEVEL_TEXTS = dict(zip(LEVELS, ("beginner", "intermediate", "advanced", "all"), strict=True))


def parts() -> rx.Component:
    """Return all fields. They are made anew when the server puts other texts into them."""
    words = i18n.manage
    shown = [_what(), _when(), _where(), _price_and_places()]
    if course_fields():
        fields = [_school_field(one) for one in course_fields()]
        shown.append(kit.form_part(words.FORM_PART["more"], *fields))
    shown.append(_optional())
    return kit.form_fields(
        *shown,
        key=f"{CourseFormState.shown_stamp}-{CourseFormState.restored_stamp}",
        is_locked=CourseFormState.head.locked != "",
    )


def _error(field_id: Text) -> rx.Var[str]:
    """Return the sentence about a field, "" without one."""
    problems = CourseFormState.problems
    return rx.cond(problems.contains(field_id), problems[field_id], "")


def _named(name: str, **more: Any) -> dict[str, Any]:
    """Return the properties of a field whose text is that of `CourseTexts` of the same name."""
    return {
        "name": name,
        "default_value": getattr(CourseFormState.shown, name),
        "error": _error(name),
        **more,
    }


def _what() -> rx.Component:
    words, label, hint = i18n.manage, i18n.manage.LABEL, i18n.manage.HINT
    return kit.form_part(
        words.FORM_PART["what"],
        kit.text_field(label["title"], "title", auto_complete="off", **_named("title")),
        kit.long_field(
            label["summary"],
            "summary",
            rows=2,
            hint=hint["summary"],
            aside=CourseFormState.summary_letters,
            **_named("summary"),
        ),
        kit.markdown_field(
            label["description"],
            "description",
            rows=7,
            hint=hint["description"],
            tools=words.TOOL,
            is_locked=CourseFormState.head.locked != "",
            **_named("description"),
        ),
        kit.field_row(
            kit.text_field(
                label["category"],
                "category",
                hint=hint["category"],
                suggestions=CourseFormState.categories,
                **_named("category"),
            ),
            kit.option_field(
                label["level"],
                "level",
                *[
                    kit.option(words.LEVEL_CHOICE[text], value)
                    for value, text in LEVEL_TEXTS.items()
                ],
                **_named("level"),
            ),
        ),
        kit.text_field(label["instructor"], "instructor", **_named("instructor")),
        _picture(),
    )


def _picture() -> rx.Component:
    words = i18n.manage
    return kit.picture_drop(
        words.LABEL["picture"],
        "picture",
        name="image",
        value=CourseFormState.shown.image,
        words=words.PICTURE,
        hint=words.PICTURE["hint"],
        aside=words.OPTIONAL,
        is_locked=CourseFormState.head.locked != "",
    )


def _when() -> rx.Component:
    words, shown = i18n.manage, CourseFormState.shown
    zone = rx.cond(shown.timezone != "", shown.timezone, VIEWER_TIMEZONE)
    return kit.form_part(
        words.FORM_PART["when"],
        kit.stack(
            rx.foreach(shown.meetings, _meeting),
            kit.small(words.HINT["meetings"]),
            rx.cond(
                shown.meetings.length() < MAX_MEETINGS,
                kit.add_button(
                    words.ANOTHER_MEETING,
                    on_click=CourseFormState.meeting_added,
                    data_testid="add-meeting",
                ),
            ),
        ),
        kit.zone_field(
            words.LABEL["timezone"],
            "timezone",
            zone,
            name="timezone",
            default_value=zone,
            error=_error("timezone"),
        ),
    )


def _meeting(row: rx.Var[MeetingFields]) -> rx.Component:
    """Return the fields of one meeting; from the second on, labels carry its number."""
    words, label = i18n.manage, i18n.manage.LABEL
    is_first = row.number == "1"

    def field(part: str, first: Text, other: Text, value: Text) -> dict[str, Any]:
        field_id = f"meeting-{row.key}-{part}"
        return {
            "label": rx.cond(is_first, first, f"{other} {row.number}"),
            "field_id": field_id,
            "name": field_id,
            "error": _error(field_id),
            "default_value": value,
        }

    last_day = kit.date_field(
        label["last_day"],
        f"meeting-{row.key}-last_day",
        name=f"meeting-{row.key}-last_day",
        default_value=row.last_day,
    )
    remove = kit.button(
        words.REMOVE_MEETING,
        " ",
        row.number,
        look="quiet",
        on_click=CourseFormState.meeting_removed(row.key),
    )
    return rx.el.div(
        kit.numbered_row(
            row.number,
            kit.date_field(**field("day", label["day"], words.MEETING_DAY, row.day)),
            kit.time_field(**field("start", label["starts_at"], words.MEETING_START, row.start)),
            kit.time_field(**field("end", label["ends_at"], words.MEETING_END, row.end)),
            more=rx.cond(row.last_day != "", last_day),
            last=rx.cond(CourseFormState.shown.meetings.length() > 1, remove),
        ),
        rx.el.input(type="hidden", name=f"meeting-{row.key}-id", value=row.id, read_only=True),
        key=row.key,
    )


def _where() -> rx.Component:
    words, label, hint = i18n.manage, i18n.manage.LABEL, i18n.manage.HINT
    is_online = CourseFormState.shown.kind == "online"
    return kit.form_part(
        words.FORM_PART["where"],
        kit.choice_field(
            label["where"],
            "kind-place",
            kit.choice(
                words.LOCATION["place"], "kind", "place", "kind-place", default_checked=~is_online
            ),
            kit.choice(
                words.LOCATION["online"], "kind", "online", "kind-online", default_checked=is_online
            ),
            error=_error("kind-place"),
        ),
        kit.text_field(
            label["place_name"], "place_name", **_named("place_name", auto_complete="off")
        ),
        kit.if_checked("kind-online", kit.small(hint["place_online"])),
        kit.unless_checked(
            "kind-online",
            kit.text_field(
                label["place_address"],
                "place_address",
                **_named("place_address", auto_complete="off"),
            ),
        ),
        kit.if_checked(
            "kind-online",
            kit.text_field(
                label["join_url"],
                "join_url",
                hint=hint["join_url"],
                aside=words.OPTIONAL,
                **_named("join_url", input_mode="url", auto_complete="off"),
            ),
        ),
    )


def _price_and_places() -> rx.Component:
    words, label, hint = i18n.manage, i18n.manage.LABEL, i18n.manage.HINT
    own = kit.option(words.TERMS_CHOICE[AS_IT_IS], AS_IT_IS)
    return kit.form_part(
        words.FORM_PART["price"],
        kit.field_row(
            kit.money_field(label["price"], "price", hint=hint["price"], **_named("price")),
            kit.option_field(
                label["currency"],
                "currency",
                *[kit.option(code.upper(), code) for code in CURRENCIES],
                **_named("currency"),
            ),
            kit.number_field(label["capacity"], "capacity", **_named("capacity")),
            columns="pair",
        ),
        kit.option_field(
            label["terms"],
            "terms",
            *[kit.option(words.TERMS_CHOICE[name], name) for name in TERMS],
            rx.cond(CourseFormState.shown.terms == AS_IT_IS, own),
            **_named("terms"),
        ),
    )


def _optional() -> rx.Component:
    """Return the fields that few courses need; a course is published without them too."""
    words, label, hint = i18n.manage, i18n.manage.LABEL, i18n.manage.HINT
    return kit.form_part(
        words.FORM_PART["optional"],
        kit.markdown_field(
            label["attendee_info"],
            "attendee_info",
            rows=4,
            hint=hint["attendee_info"],
            tools=words.TOOL,
            is_locked=CourseFormState.head.locked != "",
            **_named("attendee_info"),
        ),
        _reminder_field(),
        _waiting_field(),
        kit.field_row(
            kit.date_field(
                label["closes_day"],
                "closes_day",
                hint=hint["closes_day"],
                **_named("closes_day"),
            ),
            kit.time_field(label["closes_time"], "closes_time", **_named("closes_time")),
            columns="pair",
        ),
        kit.long_field(
            label["internal_note"],
            "internal_note",
            hint=hint["internal_note"],
            **_named("internal_note"),
        ),
    )


def _reminder_field() -> rx.Component:
    words, name = i18n.manage, "reminder_minutes"
    shown, choices = CourseFormState.shown.reminder_minutes, ("", *LEADS)
    is_other = rx.Var.create(True)
    for value in choices:
        is_other &= shown != value
    return kit.option_field(
        words.LABEL[name],
        name,
        *[kit.option(words.REMINDER_CHOICE[value or "school"], value) for value in choices],
        rx.cond(is_other, kit.option(words.TERMS_CHOICE[AS_IT_IS], shown)),
        hint=words.HINT[name],
        **_named(name),
    )


def _waiting_field() -> rx.Component:
    """Return the choice of a waiting list, and the tick that closes one on which people wait."""
    words, name = i18n.manage, "waiting_list"
    shown, choices = CourseFormState.shown.waiting_list, ("", *TURNS, NO_LIST)
    is_other = rx.Var.create(True)
    for value in choices:
        is_other &= shown != value
    field = kit.option_field(
        words.LABEL[name],
        name,
        *[kit.option(words.TURN_CHOICE[value or "school"], value) for value in choices],
        rx.cond(is_other, kit.option(words.TERMS_CHOICE[AS_IT_IS], shown)),
        hint=words.HINT[name],
        **_named(name),
    )
    close = kit.short_tick(words.CLOSE_LIST, CLOSE_LIST, name=CLOSE_LIST)
    return kit.stack(field, rx.cond(_error(name) != "", close), gap="sm")


def _school_field(declared: CourseField) -> rx.Component:
    """Return the field that a school declared for its courses."""
    field_id, label = f"extra-{declared.name}", getattr(i18n, declared.label)
    values = CourseFormState.shown.extra
    props: dict[str, Any] = {
        "name": field_id,
        "default_value": rx.cond(values.contains(declared.name), values[declared.name], ""),
        "error": _error(field_id),
        "hint": getattr(i18n, declared.help) if declared.help else "",
        "aside": "" if declared.is_required else i18n.manage.OPTIONAL,
    }
    empty = kit.option(i18n.manage.NO_VALUE, "")
    if declared.kind == "choice":
        options = [kit.option(getattr(i18n, t), value) for value, t in declared.choices.items()]
        return kit.option_field(label, field_id, empty, *options, **props)
    if declared.kind == "boolean":
        answers = [kit.option(i18n.manage.ANSWER[value], value) for value in ("yes", "no")]
        return kit.option_field(label, field_id, empty, *answers, **props)
    builders = {"integer": kit.number_field, "date": kit.date_field, "text": kit.text_field}
    return builders[declared.kind](label, field_id, **props)
