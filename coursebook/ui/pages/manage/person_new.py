"""`/manage/courses/{id}/people/new`: the school books for somebody."""

import reflex as rx

from coursebook.domain.booking_edits.manual_booking import (
    MAX_NOTE_LENGTH,
    MAX_REFERENCE_LENGTH,
    PayHow,
)
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.booking_panel import Option
from coursebook.ui.states.manage.person_new import FIELDS, PersonNewState

ROUTE = "/manage/courses/[course_key]/people/new"


def person_new() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, PersonNewState
    return layout.manage_page(
        "courses",
        state,
        kit.stack(
            kit.page_head(
                words.PEOPLE_ADD,
                crumb=words.PEOPLE_TITLE,
                crumb_href=state.back,
                above=state.course_title,
            ),
            linked_notice(state.notice),
            kit.narrow(_known()),
            kit.narrow(token_form(_form(), on_send=state.sent)),
            gap="lg",
        ),
    )


def _known() -> rx.Component:
    """Return the search for people; outside of the form, so that Enter does not send it."""
    words, state = i18n.manage, PersonNewState
    return kit.stack(
        kit.search_field(
            words.ADD_KNOWN, words.ADD_KNOWN_HINT, "known", on_change=state.person_searched
        ),
        kit.live_region(kit.small(state.known_count)),
        rx.cond(
            state.known.length() > 0,
            kit.choice_field(
                words.ADD_FOR,
                "known-new",
                kit.choice(
                    words.ADD_NEW_PERSON,
                    "known-person",
                    "",
                    "known-new",
                    default_checked=state.person == "",
                    on_change=state.person_chosen(""),
                ),
                rx.foreach(state.known, _known_person),
            ),
        ),
    )


def _known_person(option: rx.Var[Option]) -> rx.Component:
    return kit.choice(
        option.text,
        "known-person",
        option.value,
        "known-" + option.value.to(str),
        key=option.value,
        default_checked=PersonNewState.person == option.value,
        on_change=PersonNewState.person_chosen(option.value),
    )


def _form() -> rx.Component:
    return kit.stack(_summary(), _person(), _pay(), _rest(), gap="xl")


def _summary() -> rx.Component:
    words, state = i18n.manage, PersonNewState
    has_problem = rx.Var.create(False)
    for name in FIELDS:
        has_problem |= state.problems[name] != ""
    return rx.fragment(
        kit.focus_on(rx.Var.create("error-summary"), state.refused_stamp),
        rx.cond(
            has_problem,
            kit.error_summary(
                words.ERRORS_TITLE,
                *[
                    rx.cond(
                        state.problems[name] != "",
                        kit.summary_link(words.ADD_LABEL[name], name),
                    )
                    for name in FIELDS
                ],
                stamp=state.refused_stamp,
            ),
        ),
    )


def _person() -> rx.Component:
    words, state = i18n.manage, PersonNewState
    return kit.form_part(
        words.ADD_WHO,
        rx.cond(
            state.person != "",
            kit.body(kit.strong(state.person_name), data_testid="chosen-person"),
            _new_person(),
        ),
    )


def _new_person() -> rx.Component:
    words, problems = i18n.manage, PersonNewState.problems
    return kit.stack(
        kit.text_field(
            words.ADD_LABEL["name"],
            "name",
            name="name",
            auto_complete="off",
            max_length=200,
            error=problems["name"],
        ),
        kit.field_row(
            kit.text_field(
                words.ADD_LABEL["email"],
                "email",
                name="email",
                type="email",
                auto_complete="off",
                max_length=320,
                aside=words.OPTIONAL,
                hint=words.ADD_EMAIL_HINT,
                error=problems["email"],
            ),
            kit.text_field(
                words.ADD_LABEL["phone"],
                "phone",
                name="phone",
                type="tel",
                auto_complete="off",
                max_length=40,
                aside=words.OPTIONAL,
                error=problems["phone"],
            ),
        ),
        gap="lg",
    )


def _pay() -> rx.Component:
    words, state = i18n.manage, PersonNewState
    is_paid = state.how != PayHow.COMPLIMENTARY.value
    is_due = (state.how == PayHow.EXPECTED.value) | (state.how == PayHow.HOLD.value)
    return kit.form_part(
        words.ADD_PAY,
        kit.choice_field(
            words.ADD_HOW_LABEL,
            "how",
            *[_how(how) for how in PayHow],
            hint=rx.match(
                state.how, *[(how.value, words.ADD_HOW_DOES[how.value]) for how in PayHow], ""
            ),
        ),
        rx.cond(is_paid, _money(is_due)),
    )


def _how(how: PayHow) -> rx.Component:
    choice_id = "how" if how is PayHow.COMPLIMENTARY else f"how-{how}"
    return kit.choice(
        i18n.manage.ADD_HOW[how.value],
        "how",
        how.value,
        choice_id,
        default_checked=PersonNewState.how == how.value,
        on_change=PersonNewState.how_chosen(how.value),
    )


def _money(is_due: rx.Var[bool]) -> rx.Component:
    words, state = i18n.manage, PersonNewState
    problems = state.problems
    due = kit.date_field(
        words.ADD_LABEL["due_on"],
        "due_on",
        name="due_on",
        hint=rx.cond(state.how == PayHow.HOLD.value, words.ADD_HOLD_HINT, ""),
        error=problems["due_on"],
    )
    came = kit.date_field(
        words.ADD_LABEL["received_on"],
        "received_on",
        name="received_on",
        hint=words.ADD_RECEIVED_HINT,
        error=problems["received_on"],
    )
    return kit.stack(
        kit.field_row(
            kit.money_field(
                words.ADD_LABEL["amount"],
                "amount",
                name="amount",
                placeholder=state.price,
                hint=words.ADD_AMOUNT_HINT,
                error=problems["amount"],
            ),
            _method(is_due),
        ),
        kit.field_row(
            rx.cond(is_due, due, came),
            kit.text_field(
                words.ADD_LABEL["reference"],
                "reference",
                name="reference",
                auto_complete="off",
                max_length=MAX_REFERENCE_LENGTH,
                aside=words.OPTIONAL,
            ),
        ),
        gap="lg",
    )


def _method(is_due: rx.Var[bool]) -> rx.Component:
    names = i18n.manage.HAND_METHOD

    def field(first: Method) -> rx.Component:
        order = [first, *(method for method in Method if method is not first)]
        return kit.option_field(
            i18n.manage.ADD_LABEL["method"],
            "method",
            *[kit.option(names[method.value], method.value) for method in order],
            name="method",
        )

    return rx.cond(is_due, field(Method.TRANSFER), field(Method.CASH))


def _rest() -> rx.Component:
    words, state = i18n.manage, PersonNewState
    return kit.form_part(
        words.ADD_MORE,
        kit.noted_tick(words.ADD_TELL, "tell", hint=words.ADD_TELL_HINT, default_checked=True),
        rx.cond(
            state.is_full,
            kit.noted_tick(words.ADD_ONE_MORE, "one_more", hint=words.ADD_ONE_MORE_HINT),
        ),
        kit.long_field(
            words.ADD_LABEL["note"],
            "note",
            name="note",
            max_length=MAX_NOTE_LENGTH,
            aside=words.OPTIONAL,
            hint=words.ADD_NOTE_HINT,
        ),
        kit.inline(kit.button(words.PEOPLE_ADD, type="submit", data_testid="add")),
    )


PAGE = Page(
    route=ROUTE,
    build=person_new,
    title=manage_title(PersonNewState, i18n.manage.PEOPLE_ADD),
    state=PersonNewState,
    is_public=False,
)
