"""The question before an edit that concerns people who have booked."""

import reflex as rx

from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit
from coursebook.ui.presenters.manage.course_change import ChangeLine
from coursebook.ui.states.manage.course_form import CourseFormState

TITLE = "change-title"


def change_dialog(connection: rx.Component) -> rx.Component:
    """Return what changes, who is told, and until when they may cancel free of charge.

    `connection` are the messages about the connection: those of the page are out of reach.
    """
    question = CourseFormState.question
    form = token_form(
        _questions(connection),
        on_send=CourseFormState.answered,
        busy=CourseFormState.is_busy,
        refusal=i18n.manage.SENT_ALREADY,
        refusal_class=kit.refusal_class(),
        class_name=kit.form_class(),
        data_testid="change-form",
    )
    return kit.dialog(
        rx.cond(question.is_open, form),
        is_open=question.is_open,
        stamp=question.stamp,
        on_closed=CourseFormState.question_closed,
        title_id=TITLE,
        is_wide=True,
        data_testid="change",
    )


def _questions(connection: rx.Component) -> rx.Component:
    question, words = CourseFormState.question, i18n.manage
    problems = question.problems
    return kit.stack(
        kit.section_title(question.title, id=TITLE),
        kit.body(words.CHANGE_LEAD, tone="soft"),
        connection,
        kit.change_list(rx.foreach(question.lines, _line)),
        _telling(),
        kit.text_field(
            words.CHANGE_REASON,
            "reason",
            name="reason",
            hint=words.CHANGE_REASON_HINT,
            default_value=question.reason,
            error=rx.cond(problems.contains("reason"), problems["reason"], ""),
        ),
        rx.cond(
            question.mail_subject != "",
            kit.mail_preview(words.CHANGE_MAIL, question.mail_subject, question.mail_text),
        ),
        kit.dialog_actions(
            kit.button(
                words.KEEP_AS_IT_WAS, look="secondary", custom_attrs={"data-closes": "true"}
            ),
            kit.button(
                kit.if_checked("tell", question.save),
                kit.unless_checked("tell", words.SAVE_TELL_NOBODY),
                type="submit",
                data_testid="save-change",
            ),
        ),
        gap="lg",
    )


def _telling() -> rx.Component:
    """Return whether people are told, and whether they may cancel free of charge."""
    question, words = CourseFormState.question, i18n.manage
    problems = question.problems
    return kit.stack(
        rx.cond(
            question.needs_tell,
            kit.noted_tick(
                words.CHANGE_TELL,
                "tell",
                hint=words.CHANGE_TELL_MUST,
                is_forced=True,
            ),
            kit.noted_tick(words.CHANGE_TELL, "tell", hint=question.mails, default_checked=True),
        ),
        rx.cond(question.teachers != "", kit.body(question.teachers, tone="soft")),
        rx.cond(
            question.free_day != "",
            kit.stack(
                kit.noted_tick(words.CHANGE_FREE, "free", default_checked=True),
                kit.if_checked(
                    "free",
                    kit.date_field(
                        words.CHANGE_FREE_DAY,
                        "free_until",
                        name="free_until",
                        default_value=question.free_day,
                        error=rx.cond(problems.contains("free_until"), problems["free_until"], ""),
                    ),
                ),
                gap="sm",
            ),
        ),
        gap="md",
    )


def _line(line: rx.Var[ChangeLine]) -> rx.Component:
    return rx.cond(
        line.is_same,
        kit.same_row(line.label, line.new),
        kit.change_row(line.label, line.old, line.new),
    )
