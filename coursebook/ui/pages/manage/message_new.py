"""`/manage/messages/new`: write to the people of a course."""

import reflex as rx

from coursebook.domain.messaging.audience import AudienceKind
from coursebook.domain.messaging.message_limits import MAX_BODY, MAX_SUBJECT
from coursebook.domain.texts.placeholders import PLACEHOLDERS
from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.kit.forms import written
from coursebook.ui.kit.forms.feedback import SUMMARY
from coursebook.ui.kit.forms.versions import CONFLICT
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.presenters.manage.course_form_rows import Difference
from coursebook.ui.presenters.manage.messages import DAYS, NOW, WHENS, CourseChoice
from coursebook.ui.states.manage.message_form import MessageFormState

WHO = (
    *(AudienceKind.COMING, AudienceKind.OWES, AudienceKind.PAYING),
    *(AudienceKind.WAITING, AudienceKind.CANCELLED, AudienceKind.ALL, AudienceKind.CHOSEN),
)
FIELDS = ("course", "audience", "subject", "body", "days", "day", "people", "one_more")
"""The fields that can be refused, in their order on the page."""


def message_new() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, MessageFormState
    title = rx.cond(state.message_id != "", words.MESSAGE_EDIT, words.MESSAGE_NEW)
    return layout.manage_page(
        "messages",
        state,
        kit.stack(
            kit.page_head(title, crumb=words.MESSAGES_TITLE, crumb_href=PATHS["messages"]),
            kit.form_split(_form(), _preview()),
            gap="lg",
        ),
    )


def _form() -> rx.Component:
    state = MessageFormState
    return token_form(
        _draft(),
        linked_notice(state.notice),
        rx.cond(_has_problem(), _summary()),
        rx.cond(state.differences.length() > 0, _conflict()),
        *[kit.focus_on(rx.Var.create(box), state.errors_stamp) for box in (SUMMARY, CONFLICT)],
        kit.form_fields(
            _to(),
            _written(),
            _when(),
            key=f"{state.shown_stamp}-{state.restored_stamp}",
            is_locked=rx.Var.create(False),
        ),
        _foot(),
        on_send=state.sent,
        class_name=kit.form_class(),
        id="message-form",
    )


def _draft() -> rx.Component:
    words, state = i18n.manage, MessageFormState
    return kit.form_draft(
        name=f"coursebook-message-{state.viewer}-{state.message_id}",
        version=state.revision,
        saved_stamp=state.saved_stamp,
        shown_stamp=state.shown_stamp,
        restored_stamp=state.restored_stamp,
        rows=rx.Var.create(0),
        left=words.DRAFT_LEFT,
        restore=words.DRAFT_RESTORE,
        forget=words.DRAFT_FORGET,
        on_typed=state.typed,
        on_restored=state.restored,
    )


def _problem(name: str) -> rx.Var[str]:
    problems = MessageFormState.problems
    return rx.cond(problems.contains(name), problems[name], "")


def _has_problem() -> rx.Var[bool]:
    has_problem = rx.Var.create(False)
    for name in FIELDS:
        has_problem |= MessageFormState.problems.contains(name)
    return has_problem


def _summary() -> rx.Component:
    words, state = i18n.manage, MessageFormState
    links = [
        rx.cond(state.problems.contains(name), kit.summary_link(words.MESSAGE_LABEL[name], name))
        for name in FIELDS
    ]
    return kit.error_summary(words.ERRORS_TITLE, *links, stamp=state.errors_stamp)


def _conflict() -> rx.Component:
    words, state = i18n.manage, MessageFormState

    def row(one: rx.Var[Difference]) -> rx.Component:
        return kit.two_versions(one.label, one.mine, one.theirs)

    rows = rx.foreach(state.differences, row)
    return kit.conflict_box(
        words.MESSAGE_CONFLICT,
        kit.versions_table(words.MESSAGE_VERSIONS, words.MESSAGE_MINE, words.MESSAGE_THEIRS, rows),
        kit.inline(
            kit.button(
                words.MESSAGE_OVERWRITE,
                look="secondary",
                type="submit",
                name="act",
                value="overwrite",
            ),
            kit.button(words.MESSAGE_TAKE_THEIRS, look="quiet", on_click=state.theirs_taken),
        ),
    )


def _to() -> rx.Component:
    words, state = i18n.manage, MessageFormState

    def option(course: rx.Var[CourseChoice]) -> rx.Component:
        return kit.option(course.name, course.id)

    new = kit.option_field(
        words.MESSAGE_COURSE,
        "course",
        rx.foreach(state.courses, option),
        name="course_id",
        default_value=state.shown.course_id,
        error=_problem("course"),
    )
    stored = rx.fragment(
        rx.el.input(type="hidden", name="course_id", value=state.shown.course_id, read_only=True),
        kit.text_field(
            words.MESSAGE_COURSE, "course", name="", default_value=state.course_name, read_only=True
        ),
    )
    return kit.stack(
        rx.cond(state.message_id != "", stored, new),
        written.pill_field(
            words.MESSAGE_WHO,
            "audience",
            *[_pill(kind) for kind in WHO],
            error=_problem("audience"),
        ),
        kit.inline(
            kit.live_region(
                kit.small(state.look.people + " " + words.MESSAGE_RESOLVED, data_testid="people")
            ),
            kit.text_link(words.MESSAGE_SEE_WHO, href=state.look.people_href),
        ),
        gap="sm",
    )


def _pill(kind: AudienceKind) -> rx.Component:
    words, state = i18n.manage, MessageFormState
    counts = state.look.counts
    count = rx.cond(counts.contains(kind.value), counts[kind.value], "")
    if kind is AudienceKind.CHOSEN:
        count = state.chosen_words
    pill = written.pill(
        kit.count_beside(words.MESSAGE_WHO_NAME[kind.value], count),
        "audience",
        kind.value,
        "audience" if kind is WHO[0] else f"audience-{kind}",
        default_checked=state.shown.audience == kind.value,
    )
    if kind is AudienceKind.OWES:
        return rx.cond(state.sees_money, pill)
    return rx.cond(state.chosen_words != "", pill) if kind is AudienceKind.CHOSEN else pill


def _written() -> rx.Component:
    words, shown = i18n.manage, MessageFormState.shown
    return kit.stack(
        kit.text_field(
            words.MESSAGE_LABEL["subject"],
            "subject",
            name="subject",
            auto_complete="off",
            max_length=MAX_SUBJECT,
            default_value=shown.subject,
            error=_problem("subject"),
        ),
        kit.markdown_field(
            words.MESSAGE_LABEL["body"],
            "body",
            name="body",
            rows=10,
            max_length=MAX_BODY,
            tools=words.TOOL,
            inserts={f"{{{name}}}": words.MESSAGE_INSERT[name] for name in PLACEHOLDERS},
            default_value=shown.body,
            hint=words.MESSAGE_HINT,
            error=_problem("body"),
        ),
        gap="lg",
    )


def _when() -> rx.Component:
    words, state = i18n.manage, MessageFormState
    shown, look = state.shown, state.look
    days = kit.option_field(
        words.MESSAGE_LABEL["days"],
        "days",
        *[kit.option(words.MESSAGE_DAYS[f"days_{number}"], number) for number in DAYS],
        name="days",
        default_value=shown.days,
        hint=look.before,
        error=_problem("days"),
    )
    moment = kit.field_row(
        kit.date_field(
            words.MESSAGE_LABEL["day"],
            "day",
            name="day",
            default_value=shown.day,
            hint=look.zone,
            error=_problem("day"),
        ),
        kit.time_field(
            words.MESSAGE_LABEL["clock"], "clock", name="clock", default_value=shown.clock
        ),
    )
    return kit.stack(
        kit.choice_field(words.MESSAGE_WHEN, "when", *map(_moment, WHENS)),
        kit.if_checked("when-before", days),
        kit.if_checked("when-moment", moment),
        kit.noted_tick(
            words.MESSAGE_LATER_LABEL, "keeps_open", default_checked=shown.keeps_open != ""
        ),
        rx.cond(
            look.needs_number,
            kit.number_field(
                words.MESSAGE_LABEL["people"],
                "people",
                name="people",
                hint=words.MESSAGE_PEOPLE_HINT,
                error=_problem("people"),
            ),
        ),
        rx.cond(
            state.problems.contains("one_more"),
            kit.noted_tick(words.MESSAGE_ONE_MORE, "one_more", hint=words.MESSAGE_ONE_MORE_HINT),
        ),
    )


def _moment(name: str) -> rx.Component:
    return kit.choice(
        i18n.manage.MESSAGE_WHEN_NAME[name],
        "when",
        name,
        "when" if name == NOW else f"when-{name}",
        default_checked=MessageFormState.shown.when == name,
    )


def _foot() -> rx.Component:
    words, state = i18n.manage, MessageFormState

    def submit(text: rx.Component | rx.Var[str], act: str, look: str) -> rx.Component:
        return kit.button(text, look=look, type="submit", name="act", value=act, data_testid=act)

    save = rx.cond(state.is_planned, words.MESSAGE_SAVE, words.MESSAGE_SAVE_DRAFT)
    return written.sending_foot(
        submit(kit.with_sign("send", words.MESSAGE_TEST), "test", "secondary"),
        submit(save, "save", "quiet"),
        submit(state.look.submit, "send", "primary"),
    )


def _preview() -> rx.Component:
    words, state = i18n.manage, MessageFormState
    look = state.look

    def step(sign: str, text: rx.Var[str], by: int, is_off: rx.Var[bool]) -> rx.Component:
        return kit.view_switch(
            sign,
            text,
            is_on=rx.Var.create(False),
            on_click=state.paged(by),
            disabled=is_off,
            data_testid=f"page-{sign}",
        )

    paging = kit.inline(
        step("chevron-left", words.MESSAGE_PREVIOUS, -1, look.number <= 1),
        kit.small(look.paging),
        step("chevron-right", words.MESSAGE_NEXT, 1, look.is_last),
        gap="xs",
    )
    return rx.fragment(
        kit.spread(kit.small_title(look.title), rx.cond(look.paging != "", paging)),
        kit.live_region(
            written.mail_card(
                look.addressed, look.subject, kit.prose(look.blocks), data_testid="mail"
            )
        ),
    )


PAGE = Page(
    route="/manage/messages/new",
    build=message_new,
    title=manage_title(MessageFormState, i18n.manage.MESSAGE_NEW),
    state=MessageFormState,
    is_public=False,
)
