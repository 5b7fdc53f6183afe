"""`/manage/courses/{id}/cancel`: cancel a course, and see what comes of it."""

import reflex as rx

from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.course_cancellation import SumLine
from coursebook.ui.states.manage.course_cancel import CourseCancelState

COURSES = "/manage/courses"
NOTICE = "cancel-notice"


def course_cancel() -> rx.Component:
    """Return the page."""
    return layout.manage_page(
        "courses",
        CourseCancelState,
        rx.match(
            CourseCancelState.phase,
            ("report", _report()),
            ("refused", _refused()),
            _question(),
        ),
    )


def _question() -> rx.Component:
    words, question = i18n.manage, CourseCancelState.question
    return kit.stack(
        kit.page_head(
            words.CANCEL_ASK,
            crumb=question.title,
            crumb_href=_people_href(),
            below=question.when + ". " + words.CANCEL_NOTHING_YET,
        ),
        _column(
            _notice(),
            kit.stack(
                kit.section_title(words.CANCEL_GOES_BACK),
                kit.money_list(
                    rx.foreach(question.lines, _line),
                    kit.money_row(
                        words.CANCEL_TOTAL,
                        question.total,
                        note=question.fees,
                        is_total=True,
                        is_headline=True,
                    ),
                ),
                rx.cond(question.short != "", kit.notice(question.short, "warn")),
                _by_hand(question.by_hand, words.CANCEL_BY_HAND_WHO),
                rx.cond(question.may_choose, _share()),
            ),
            rx.cond(
                question.told.length() > 0,
                kit.stack(
                    kit.section_title(words.CANCEL_WHO),
                    rx.foreach(question.told, _sentence),
                    gap="sm",
                ),
            ),
            _confirm(),
        ),
        gap="lg",
    )


def _share() -> rx.Component:
    words = i18n.manage
    return token_form(
        kit.text_field(
            words.CANCEL_SHARE,
            "cancel-percent",
            name="percent",
            default_value=CourseCancelState.question.percent,
            input_mode="numeric",
            auto_complete="off",
            hint=words.CANCEL_SHARE_HINT,
            error=_problem("percent"),
        ),
        kit.inline(kit.button(words.CANCEL_SHARE_SHOW, look="secondary", type="submit")),
        on_send=CourseCancelState.share_sent,
        busy=CourseCancelState.is_busy,
        class_name=kit.form_class(),
    )


def _confirm() -> rx.Component:
    words, question = i18n.manage, CourseCancelState.question
    form = token_form(
        kit.text_field(
            words.CANCEL_REASON,
            "cancel-reason",
            name="reason",
            auto_complete="off",
            hint=words.CANCEL_REASON_HINT,
            error=_problem("reason"),
        ),
        kit.long_field(
            words.CANCEL_MESSAGE,
            "cancel-message",
            name="message",
            placeholder=words.CANCEL_MESSAGE_SAMPLE,
            aside=words.CANCEL_OPTIONAL,
            error=_problem("message"),
        ),
        kit.text_field(
            question.type_label,
            "cancel-people",
            name="people",
            input_mode="numeric",
            auto_complete="off",
            hint=words.CANCEL_TYPE_HINT,
            error=_problem("people"),
            is_short=True,
        ),
        kit.spread(
            kit.link_button(words.COURSE_CANCEL_KEEP, _people_href(), look="secondary"),
            kit.typed_confirm(
                question.submit,
                {"people": question.people, "reason": ""},
                data_testid="cancel-course",
            ),
        ),
        on_send=CourseCancelState.cancel_sent,
        busy=CourseCancelState.is_busy,
        class_name=kit.form_class(),
    )
    return kit.stack(kit.section_title(words.COURSE_CANCEL_CONFIRM), form)


def _report() -> rx.Component:
    words, report = i18n.manage, CourseCancelState.report
    return kit.stack(
        kit.page_head(
            words.CANCEL_DONE,
            crumb=report.title,
            crumb_href=_people_href(),
            below=report.when + ". " + words.CANCEL_GOES_ON,
        ),
        _column(
            _notice(),
            kit.progress(
                report.count,
                report.count_words,
                report.widths["done"],
                report.widths["waiting"],
                report.widths["failed"],
                data_testid="progress",
            ),
            kit.progress_legend(report.parts),
            kit.live_region(rx.cond(report.rest != "", kit.visually_hidden(report.rest))),
            kit.money_list(rx.foreach(report.lines, _line)),
            _by_hand(report.by_hand, words.CANCEL_STILL_BY_HAND),
            kit.stack(
                kit.small_title(words.CANCEL_REASON),
                kit.body(report.reason, dir="auto"),
                rx.cond(report.message != "", kit.body(report.message, dir="auto")),
                gap="sm",
            ),
            kit.inline(
                kit.link_button(
                    words.CANCEL_DUPLICATE,
                    f"{COURSES}/" + CourseCancelState.course_id + "/edit?duplicate=yes",
                    look="secondary",
                )
            ),
        ),
        gap="lg",
    )


def _column(*children: rx.Component) -> rx.Component:
    return kit.reading_width(kit.stack(*children, gap="lg"), is_narrow=True)


def _refused() -> rx.Component:
    words = i18n.manage
    return kit.stack(
        kit.page_head(words.CANCEL_ASK, crumb=words.COURSES_TITLE, crumb_href=COURSES),
        kit.notice(CourseCancelState.refusal, "info"),
        gap="lg",
    )


def _notice() -> rx.Component:
    return kit.focus_target(
        linked_notice(CourseCancelState.notice),
        kit.focus_on(rx.Var.create(NOTICE), CourseCancelState.notice_stamp),
        id=NOTICE,
    )


def _by_hand(lines: rx.Var[list[SumLine]], title: str) -> rx.Component:
    """Return who has to be paid back by hand, nothing when nobody has."""
    words = i18n.manage
    return rx.cond(
        lines.length() > 0,
        kit.stack(
            kit.small_title(title),
            kit.money_list(rx.foreach(lines, _line)),
            kit.text_link(words.CANCEL_TO_INBOX, href="/manage/money"),
            gap="sm",
        ),
    )


def _sentence(text: rx.Var[str]) -> rx.Component:
    return kit.body(text)


def _line(line: rx.Var[SumLine]) -> rx.Component:
    return kit.money_row(line.title, line.amount, note=line.below)


def _problem(name: str) -> rx.Var[str]:
    problems = CourseCancelState.problems
    return rx.cond(problems.contains(name), problems[name], "")


def _people_href() -> rx.Var[str]:
    return f"{COURSES}/" + CourseCancelState.course_id + "/people"


PAGE = Page(
    route=f"{COURSES}/[course_key]/cancel",
    build=course_cancel,
    title=manage_title(CourseCancelState, i18n.manage.CANCEL_ASK),
    state=CourseCancelState,
    is_public=False,
)
