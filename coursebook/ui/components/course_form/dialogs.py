"""What the form of a course asks: two versions, the first day of a copy; and the whole preview."""

import reflex as rx

from coursebook.domain.texts.markdown import Block
from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit
from coursebook.ui.components.booking_parts import attendee_info
from coursebook.ui.components.course_view import (
    course_view,
    course_view_on_phone,
    still_parts,
)
from coursebook.ui.presenters.manage.course_form_rows import Difference
from coursebook.ui.states.manage.course_form import CourseFormState


def conflict() -> rx.Component:
    """Return both versions of what somebody else saved meanwhile, and the two ways on."""
    words = i18n.manage

    def row(one: rx.Var[Difference]) -> rx.Component:
        return kit.two_versions(one.label, one.mine, one.theirs)

    return kit.conflict_box(
        words.CONFLICT_TITLE,
        rx.cond(
            CourseFormState.differences.length() > 0,
            kit.stack(
                kit.body(words.CONFLICT_TEXT),
                kit.versions_table(
                    words.CONFLICT_TITLE,
                    words.CONFLICT_MINE,
                    words.CONFLICT_THEIRS,
                    rx.foreach(CourseFormState.differences, row),
                ),
            ),
            kit.body(words.CONFLICT_SAME),
        ),
        kit.inline(
            kit.button(
                words.KEEP_MINE,
                look="secondary",
                type="submit",
                name="act",
                value="overwrite",
                data_testid="keep-mine",
            ),
            kit.button(
                words.TAKE_THEIRS,
                look="quiet",
                on_click=CourseFormState.theirs_taken,
                data_testid="take-theirs",
            ),
            gap="md",
        ),
    )


def duplicate_dialog(connection: rx.Component) -> rx.Component:
    """Return the question for the first day of a copy."""
    words = i18n.manage
    questions = kit.stack(
        kit.section_title(words.DUPLICATE_TITLE, id="duplicate-title"),
        kit.body(words.DUPLICATE_TEXT, tone="soft"),
        connection,
        kit.date_field(
            words.LABEL["day"],
            "copy_day",
            name="copy_day",
            error=CourseFormState.duplicate_error,
        ),
        kit.spread(
            kit.button(
                words.DUPLICATE_BACK, look="secondary", custom_attrs={"data-closes": "true"}
            ),
            kit.button(words.DUPLICATE_NOW, type="submit", data_testid="make-copy"),
        ),
        gap="lg",
    )
    form = token_form(
        questions,
        on_send=CourseFormState.duplicated,
        busy=CourseFormState.is_busy,
        refusal=words.SENT_ALREADY,
        refusal_class=kit.refusal_class(),
        class_name=kit.form_class(),
    )
    return kit.dialog(
        rx.cond(CourseFormState.is_duplicating, form),
        is_open=CourseFormState.is_duplicating,
        stamp=CourseFormState.dialog_stamp,
        on_closed=CourseFormState.duplicate_closed,
        title_id="duplicate-title",
        data_testid="duplicate",
    )


def attendee_info_preview(blocks: rx.Var[list[Block]]) -> rx.Component:
    """Return what people with a place also read, as their dashboard shows it."""
    return rx.cond(
        blocks.length() > 0,
        kit.stack(
            kit.small_title(i18n.manage.AFTER_BOOKING),
            kit.panel(attendee_info(blocks, is_open=True), data_testid="attendee-info-preview"),
            gap="sm",
        ),
    )


def preview_dialog() -> rx.Component:
    """Return the whole page of the course, as students would see it."""
    words, row = i18n.manage, CourseFormState.preview
    whole = kit.stack(
        kit.spread(
            kit.small_title(words.AS_A_STUDENT, id="preview-title"),
            kit.inline(
                kit.view_switch(
                    "smartphone",
                    words.PREVIEW_PHONE,
                    is_on=CourseFormState.is_phone_preview,
                    on_click=CourseFormState.preview_width_switched,
                ),
                kit.view_switch(
                    "moon",
                    words.PREVIEW_DARK,
                    is_on=CourseFormState.is_dark_preview,
                    on_click=CourseFormState.preview_colours_switched,
                ),
                kit.button(
                    words.CLOSE_PREVIEW, look="secondary", custom_attrs={"data-closes": "true"}
                ),
            ),
        ),
        kit.still(
            kit.as_on_device(
                course_view(row, still_parts(row)),
                course_view_on_phone(row, still_parts(row)),
                is_phone=CourseFormState.is_phone_preview,
                is_dark=CourseFormState.is_dark_preview,
            )
        ),
        attendee_info_preview(CourseFormState.attendee_info),
        gap="lg",
    )
    return kit.wide_dialog(
        rx.cond(CourseFormState.is_previewing, whole),
        is_open=CourseFormState.is_previewing,
        stamp=CourseFormState.dialog_stamp,
        on_closed=CourseFormState.preview_closed,
        title_id="preview-title",
        data_testid="preview",
    )
