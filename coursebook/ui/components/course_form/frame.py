"""The form of a course as a whole: head, summary of mistakes, fields, preview, foot."""

from collections.abc import Callable

import reflex as rx

from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit
from coursebook.ui.components.course_form.change_dialog import change_dialog
from coursebook.ui.components.course_form.dialogs import (
    attendee_info_preview,
    conflict,
    duplicate_dialog,
    preview_dialog,
)
from coursebook.ui.components.course_form.parts import parts
from coursebook.ui.components.course_view import course_preview
from coursebook.ui.kit.forms.feedback import SUMMARY
from coursebook.ui.kit.forms.versions import CONFLICT
from coursebook.ui.kit.types import Handler
from coursebook.ui.presenters.manage.course_form_rows import FieldLink
from coursebook.ui.states.manage.course_form import CourseFormState

FORM = "course-form"
BOXES = (SUMMARY, CONFLICT)
"""What takes the focus after a refusal, whichever of them is there."""


def course_form(connection: Callable[[], rx.Component], *, is_new: bool) -> rx.Component:
    """Return the form, for a new course or for that of the address.

    `connection` returns the messages about the connection inside of a dialog.
    """
    return kit.stack(
        _head(is_new=is_new),
        _tabs(),
        kit.form_split(
            kit.tab_part(CourseFormState.tab == "form", _form()),
            kit.tab_part(CourseFormState.tab == "preview", _preview()),
        ),
        change_dialog(connection()),
        duplicate_dialog(connection()),
        preview_dialog(),
        gap="lg",
    )


def _head(*, is_new: bool) -> rx.Component:
    words, head = i18n.manage, CourseFormState.head
    state = rx.cond(
        head.course_id != "",
        rx.fragment(
            _badge(),
            kit.small(rx.cond(head.is_public, head.saved, words.ONLY_TEAM), data_testid="saved"),
        ),
        kit.small(words.ONLY_TEAM),
    )
    return kit.page_head(
        words.NEW_COURSE if is_new else words.EDIT_COURSE,
        crumb=words.AREA["courses"],
        crumb_href="/manage/courses",
        meta=kit.inline(state),
    )


def _badge() -> rx.Component:
    head = CourseFormState.head
    tones = ("good", "warn", "bad")
    badges = [(tone, kit.badge(head.state, tone=tone, data_testid="state")) for tone in tones]
    return rx.match(head.tone, *badges, kit.badge(head.state, data_testid="state"))


def _tabs() -> rx.Component:
    """Return the tabs of a narrow screen."""
    words = i18n.manage
    choices = (("form", words.FORM_TAB), ("preview", words.AS_A_STUDENT))
    return kit.narrow_only(
        kit.tabs(
            words.FORM_TABS,
            *[
                kit.tab_button(
                    text,
                    is_current=CourseFormState.tab == name,
                    on_click=CourseFormState.tab_chosen(name),
                )
                for name, text in choices
            ],
        )
    )


def _form() -> rx.Component:
    head = CourseFormState.head
    return token_form(
        rx.cond(head.locked != "", kit.notice(head.locked, "info", data_testid="locked")),
        _draft(),
        kit.live_region(
            rx.cond(
                CourseFormState.notice.text != "",
                kit.notice(
                    CourseFormState.notice.text,
                    CourseFormState.notice.tone,
                    rx.cond(
                        head.is_public,
                        kit.text_link(i18n.manage.VIEW_COURSE, href=head.address),
                    ),
                    data_testid="form-notice",
                ),
            )
        ),
        rx.cond(CourseFormState.errors.length() > 0, _summary()),
        rx.cond(CourseFormState.is_conflict, conflict()),
        *[kit.focus_on(rx.Var.create(box), CourseFormState.errors_stamp) for box in BOXES],
        rx.cond(
            head.is_public | (head.locked != "") | (CourseFormState.errors.length() > 0),
            None,
            _missing(),
        ),
        parts(),
        rx.cond(head.locked != "", _locked_foot(), _foot()),
        on_send=CourseFormState.sent,
        busy=CourseFormState.is_busy,
        id=FORM,
        class_name=kit.form_class(),
        data_testid="course-form",
    )


def _draft() -> rx.Component:
    words, head = i18n.manage, CourseFormState.head
    return kit.form_draft(
        name=f"coursebook-draft-{CourseFormState.viewer}-{head.course_id}",
        version=head.version,
        saved_stamp=CourseFormState.saved_stamp,
        shown_stamp=CourseFormState.shown_stamp,
        restored_stamp=CourseFormState.restored_stamp,
        rows=CourseFormState.shown.meetings.length(),
        left=words.DRAFT_LEFT,
        restore=words.DRAFT_RESTORE,
        forget=words.DRAFT_FORGET,
        on_typed=CourseFormState.typed,
        on_restored=CourseFormState.restored,
    )


def _summary() -> rx.Component:
    links = rx.foreach(
        CourseFormState.errors, lambda link: kit.summary_link(link.text, link.field_id)
    )
    return kit.error_summary(
        CourseFormState.errors_title, links, stamp=CourseFormState.errors_stamp
    )


def _missing() -> rx.Component:
    """Return what is missing to publish, with a link to each field."""
    words = i18n.manage

    def link(point: rx.Var[FieldLink]) -> rx.Component:
        return kit.missing_link(point.text, point.field_id)

    return rx.cond(
        CourseFormState.missing.length() > 0,
        kit.missing_points(
            words.MISSING_TITLE,
            CourseFormState.missing_count,
            rx.foreach(CourseFormState.missing, link),
        ),
        kit.small(words.MISSING_NOTHING, data_testid="missing"),
    )


def _preview() -> rx.Component:
    return rx.fragment(
        kit.small_title(i18n.manage.AS_A_STUDENT),
        course_preview(CourseFormState.preview),
        kit.small(i18n.manage.FORM_PREVIEW_NOTE),
        attendee_info_preview(CourseFormState.attendee_info),
    )


def _foot() -> rx.Component:
    words, head = i18n.manage, CourseFormState.head
    saved = rx.cond(head.saved_at != "", head.saved_at, words.DRAFT)
    save = rx.cond(
        head.is_public, _save(words.SAVE, "primary"), _save(words.SAVE_DRAFT, "secondary")
    )
    publish = kit.button(
        _busy("publish", words.PUBLISHING, words.PUBLISH),
        type="submit",
        name="act",
        value="publish",
        data_testid="publish",
    )
    duplicate = kit.button(words.DUPLICATE, look="quiet", on_click=CourseFormState.duplicate_asked)
    return kit.form_foot(
        kit.saved_or_not(saved, words.NOT_SAVED),
        kit.from_tablet(
            rx.cond(head.course_id != "", duplicate),
            kit.button(words.PREVIEW, look="quiet", on_click=CourseFormState.preview_opened),
        ),
        rx.cond(
            head.is_public,
            kit.button(words.DISCARD, look="secondary", on_click=CourseFormState.discarded),
        ),
        save,
        rx.cond(head.is_public, None, publish),
        menu=rx.cond(head.course_id != "", _more(), kit.on_phone(_more())),
    )


def _more() -> rx.Component:
    """Return the menu of what the foot has no room for, on a phone also the preview."""
    words = i18n.manage

    def entry(sign: str, text: rx.Var[str], on_click: Handler) -> rx.Component:
        return kit.menu_item(
            rx.el.button(
                kit.icon(sign, size="md"),
                text,
                type="button",
                on_click=on_click,
                class_name=kit.menu_class(),
            )
        )

    return kit.row_menu(
        words.ROW_ACTIONS,
        "form-menu",
        entry("eye", words.PREVIEW, CourseFormState.preview_opened),
        rx.cond(
            CourseFormState.head.course_id != "",
            rx.fragment(
                entry("copy", words.DUPLICATE, CourseFormState.duplicate_asked),
                kit.menu_link("calendar", words.MENU["repeat"], _repeat_href()),
            ),
        ),
        rx.cond(
            CourseFormState.head.is_public,
            kit.menu_link("calendar-x", words.MENU["cancel"], _cancel_href()),
        ),
    )


def _repeat_href() -> rx.Var[str]:
    return "/manage/courses/" + CourseFormState.head.course_id.to(str) + "/repeat"


def _cancel_href() -> rx.Var[str]:
    return "/manage/courses/" + CourseFormState.head.course_id.to(str) + "/cancel"


def _save(text: rx.Var[str], look: str) -> rx.Component:
    return kit.button(
        _busy("save", i18n.manage.SAVING, text),
        look=look,
        type="submit",
        name="act",
        value="save",
        data_testid="save",
    )


def _locked_foot() -> rx.Component:
    words = i18n.manage
    return kit.form_foot(
        kit.small(CourseFormState.head.saved),
        rx.cond(
            CourseFormState.head.may_write,
            kit.button(words.DUPLICATE, look="quiet", on_click=CourseFormState.duplicate_asked),
        ),
        kit.button(words.PREVIEW, look="secondary", on_click=CourseFormState.preview_opened),
    )


def _busy(act: str, words: rx.Var[str], otherwise: rx.Var[str]) -> rx.Var[str]:
    return rx.cond(CourseFormState.doing == act, words, otherwise)
