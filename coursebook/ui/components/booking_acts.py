"""What can be done with a booking: the list of acts, and the panel of the one that is open."""

import reflex as rx

from coursebook.domain.booking_edits.manual_booking import MAX_REFERENCE_LENGTH
from coursebook.domain.booking_edits.move import Difference
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.identity.shell import token_form
from coursebook.services.manage.booking_views import BookingAct
from coursebook.ui import i18n, kit
from coursebook.ui.presenters.manage.booking_panel import FIELDS, GIVES_UP, KEEPS, Option
from coursebook.ui.states.manage.booking import ManagedBookingState

TITLE, CHANGED = "act-title", "act-changed"
SIGNS = {
    BookingAct.REFUND: "undo-2",
    BookingAct.CANCEL: "circle-x",
    BookingAct.MOVE: "arrow-left-right",
    BookingAct.CHANGE_PERSON: "user-pen",
    BookingAct.RESEND: "mail",
    BookingAct.NOTE: "sticky-note",
}


def booking_acts() -> rx.Component:
    """Return the acts that the person may do."""
    acts = ManagedBookingState.booking.acts
    rows = [
        rx.cond(
            acts.contains(act.value),
            kit.act_row(
                sign,
                i18n.manage.ACT[act.value],
                acts[act.value],
                id=f"act-{act.value}",
                on_click=ManagedBookingState.act_opened(act.value),
            ),
        )
        for act, sign in SIGNS.items()
    ]
    return rx.cond(acts.length() > 0, kit.act_list(*rows))


def open_act() -> rx.Component:
    """Return the panel of the act that is open."""
    panel, words = ManagedBookingState.panel, i18n.manage
    parts = {
        BookingAct.REFUND: _refund,
        BookingAct.CANCEL: _cancel,
        BookingAct.MOVE: _move,
        BookingAct.CHANGE_PERSON: _change_person,
        BookingAct.RESEND: _resend,
        BookingAct.NOTE: _note,
    }
    form = token_form(
        rx.match(
            panel.act,
            *[(act.value, kit.stack(*part(), gap="md")) for act, part in parts.items()],
            rx.fragment(),
        ),
        _changed(),
        kit.button(
            rx.cond(ManagedBookingState.is_busy, words.ACT_BUSY, panel.press),
            type="submit",
            wide=True,
            data_testid="do-act",
        ),
        on_send=ManagedBookingState.act_sent,
        busy=ManagedBookingState.is_busy,
        class_name=kit.form_class(is_short=True),
        key=panel.act.to(str) + panel.stamp.to(str),
    )
    return kit.act_panel(
        panel.title,
        words.ACT_CLOSE,
        form,
        on_close=ManagedBookingState.panel_closed,
        title_id=TITLE,
    )


def focus_of_acts() -> rx.Component:
    """Return what moves the focus when a panel opens, closes or is refused."""
    state = ManagedBookingState
    return rx.fragment(
        kit.focus_on(rx.Var.create(TITLE), state.panel.stamp, is_open=state.panel.act != ""),
        kit.focus_on(state.left_act, state.closed_stamp),
        kit.back_to(rx.cond(state.is_from_list, state.booking.people_href, ""), state.closed_stamp),
        kit.focus_on(rx.Var.create(CHANGED), state.refused_stamp),
    )


def _changed() -> rx.Component:
    """Return why nothing was done; it takes the focus."""
    panel, words = ManagedBookingState.panel, i18n.manage
    problems = panel.problems
    has_problem = rx.Var.create(False)
    for name in FIELDS:
        has_problem |= problems[name] != ""
    text = rx.cond(panel.changed != "", panel.changed, words.ERRORS_TITLE)
    return rx.cond(
        (panel.changed != "") | has_problem,
        kit.focus_target(kit.notice(text, "bad", data_testid="act-changed"), id=CHANGED),
    )


def _refund() -> list[rx.Component]:
    panel, words = ManagedBookingState.panel, i18n.manage
    return [
        kit.small(panel.lead),
        kit.stack(_amount(), kit.inline(rx.foreach(panel.shares, _share)), gap="xs"),
        kit.choice_field(
            words.PLACE_LABEL,
            "keeps",
            _place(panel.keeps, KEEPS),
            _place(panel.gives_up, GIVES_UP),
        ),
        _agreed(),
        _reason(),
        _student_note(),
        _arrives(),
    ]


def _cancel() -> list[rx.Component]:
    panel, words = ManagedBookingState.panel, i18n.manage
    return [
        kit.small(panel.lead),
        kit.choice_field(words.GIVE_BACK_LABEL, "give-terms", rx.foreach(panel.choices, _choice)),
        rx.cond(panel.choice == "amount", _amount()),
        kit.figures((words.GOES_BACK, panel.goes_back), (words.STAYS_HERE, panel.stays)),
        _agreed(),
        _reason(),
        _student_note(),
        kit.noted_tick(words.TELL_THEM, "tell", default_checked=True),
        _arrives(),
    ]


def _move() -> list[rx.Component]:
    panel, plan, words = ManagedBookingState.panel, ManagedBookingState.plan, i18n.manage
    return [
        kit.search_field(
            words.MOVE_SEARCH,
            words.MOVE_SEARCH,
            "move-search",
            on_change=ManagedBookingState.target_searched,
        ),
        kit.choice_field(
            words.MOVE_TO,
            "target",
            rx.foreach(ManagedBookingState.targets, _target),
            error=panel.problems["target"],
        ),
        kit.live_region(
            rx.cond(plan.problem != "", kit.notice(plan.problem, "bad")),
            rx.cond(plan.effects.length() > 0, kit.bullets(plan.effects)),
        ),
        rx.cond(
            plan.differences.length() > 0,
            kit.choice_field(
                words.DIFFERENCE_LABEL, "difference", rx.foreach(plan.differences, _difference)
            ),
        ),
        rx.cond(plan.difference == Difference.RECORDED.value, _difference_paid()),
        rx.cond(plan.makes_place, kit.noted_tick(words.ADD_ONE_MORE, "one_more")),
        kit.choice_field(
            words.WISH_LABEL,
            "student",
            kit.choice(words.WISH["student"], "wish", "student", "student", default_checked=True),
            kit.choice(words.WISH["school"], "wish", "school", "school"),
            hint=words.WISH_HINT,
        ),
    ]


def _target(option: rx.Var[Option]) -> rx.Component:
    return kit.choice(
        option.text,
        "course",
        option.value,
        "to-" + option.value.to(str),
        key=option.value,
        on_change=ManagedBookingState.target_chosen(option.value),
    )


def _difference(option: rx.Var[Option]) -> rx.Component:
    return kit.choice(
        option.text,
        "difference",
        option.value,
        "difference-" + option.value.to(str),
        on_change=ManagedBookingState.difference_chosen(option.value),
    )


def _difference_paid() -> rx.Component:
    """Return the fields about a difference that came by hand."""
    words, names = i18n.manage, i18n.manage.HAND_METHOD
    return kit.stack(
        kit.option_field(
            words.ADD_LABEL["method"],
            "method",
            *[kit.option(names[method.value], method.value) for method in Method],
            name="method",
        ),
        kit.date_field(
            words.EXPECTED_WHEN,
            "received_on",
            name="received_on",
            hint=words.ADD_RECEIVED_HINT,
            error=ManagedBookingState.panel.problems["received_on"],
        ),
        kit.text_field(
            words.EXPECTED_REFERENCE,
            "reference",
            name="reference",
            auto_complete="off",
            max_length=MAX_REFERENCE_LENGTH,
            aside=words.OPTIONAL,
        ),
        gap="md",
    )


def _change_person() -> list[rx.Component]:
    panel, words = ManagedBookingState.panel, i18n.manage
    return [
        kit.body(words.PERSON_TEXT, tone="soft"),
        kit.text_field(
            words.PERSON_NAME,
            "name",
            name="name",
            auto_complete="off",
            max_length=200,
            error=panel.problems["name"],
        ),
        kit.text_field(
            words.PERSON_EMAIL,
            "email",
            name="email",
            type="email",
            auto_complete="off",
            max_length=320,
            aside=words.OPTIONAL,
            error=panel.problems["email"],
        ),
        kit.noted_tick(words.PERSON_TELL, "tell", default_checked=True),
    ]


def _resend() -> list[rx.Component]:
    return [kit.body(i18n.manage.RESEND_TEXT)]


def _note() -> list[rx.Component]:
    panel, words = ManagedBookingState.panel, i18n.manage
    return [
        kit.long_field(
            words.NOTE_LABEL,
            "note",
            name="note",
            hint=words.NOTE_HINT,
            default_value=panel.note,
            error=panel.problems["note"],
        ),
        kit.text_field(
            words.TAGS_LABEL,
            "tags",
            name="tags",
            auto_complete="off",
            hint=words.TAGS_HINT,
            default_value=panel.tags,
            error=panel.problems["tags"],
        ),
    ]


def _amount() -> rx.Component:
    panel = ManagedBookingState.panel
    return kit.money_field(
        i18n.manage.AMOUNT_LABEL,
        "amount",
        name="amount",
        aside=panel.of,
        default_value=panel.amount,
        key=panel.amount_stamp.to(str),
        on_change=ManagedBookingState.amount_typed,
        error=panel.problems["amount"],
    )


def _share(share: rx.Var[Option]) -> rx.Component:
    return kit.pick(
        share.text,
        is_on=ManagedBookingState.panel.picked == share.value,
        on_click=ManagedBookingState.share_picked(share.value),
    )


def _place(text: rx.Var[str], value: str) -> rx.Component:
    return kit.choice(
        text,
        "place",
        value,
        value,
        default_checked=value == KEEPS,
        on_change=ManagedBookingState.place_chosen(value),
    )


def _choice(option: rx.Var[Option]) -> rx.Component:
    return kit.choice(
        option.text,
        "choice",
        option.value,
        "give-" + option.value.to(str),
        default_checked=option.value == ManagedBookingState.panel.choice,
        on_change=ManagedBookingState.choice_made(option.value),
    )


def _agreed() -> rx.Component:
    panel = ManagedBookingState.panel
    return rx.cond(
        panel.less != "",
        kit.stack(
            kit.notice(panel.less, "warn"),
            kit.noted_tick(i18n.manage.AGREED_LABEL, "agreed"),
            rx.cond(panel.problems["agreed"] != "", kit.field_error(panel.problems["agreed"])),
            gap="sm",
        ),
    )


def _reason() -> rx.Component:
    words, panel = i18n.manage, ManagedBookingState.panel
    return kit.text_field(
        words.REASON_LABEL,
        "reason",
        name="reason",
        auto_complete="off",
        hint=words.REASON_HINT,
        suggestions=[words.REASON[name] for name in ("part", "ill", "goodwill", "mistake")],
        error=panel.problems["reason"],
    )


def _student_note() -> rx.Component:
    words, panel = i18n.manage, ManagedBookingState.panel
    return kit.long_field(
        words.STUDENT_NOTE_LABEL,
        "note",
        name="note",
        rows=2,
        aside=words.OPTIONAL,
        error=panel.problems["note"],
    )


def _arrives() -> rx.Component:
    arrives = ManagedBookingState.panel.arrives
    return rx.cond(arrives != "", kit.detail_line("info", arrives))
