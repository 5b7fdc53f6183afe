"""What a page asks before an act on a booking: amounts, choices, and what they come to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coursebook.cldr import decimal_mark
from coursebook.domain.amount_text import WrongAmount, read_amount
from coursebook.domain.booking_edits.give_back import Give
from coursebook.domain.money import major_units
from coursebook.services.manage.booking_views import BookingAct, ManagedBookingView, MoneyKind
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.booking_rows import first_name

FIELDS = ("amount", "reason", "note", "agreed", "tags", "name", "email", "target", "received_on")
"""The fields of the panels; each may have a sentence about what is wrong with it."""
KEEPS, GIVES_UP = "keeps", "gives_up"


@dataclass(frozen=True)
class BookingFigures:
    """The sums of a booking in minor units: what the page shows and the acts are bound to."""

    kept: int = 0
    ready: int = 0
    promised: int = 0
    price: int = 0
    currency: str = ""
    meetings: int = 1


@dataclass(frozen=True)
class Option:
    """One choice of a panel: its value and its text."""

    value: str = ""
    text: str = ""


@dataclass(frozen=True)
class ActPanel:
    """The act that is asked about; an empty `act` is none. `stamp` counts the openings.

    `amount` is what was typed or picked, `amount_stamp` changes when it was picked. `expect` and
    `promised` are the sums that are shown. `goes_back` and `stays` are what the choice comes to, ""
    when it cannot be read. `changed` says that the sums are others than before.
    """

    act: str = ""
    stamp: int = 0
    title: str = ""
    lead: str = ""
    name: str = ""
    amount: str = ""
    amount_stamp: int = 0
    of: str = ""
    shares: list[Option] = field(default_factory=list)
    picked: str = ""
    place: str = KEEPS
    keeps: str = ""
    gives_up: str = ""
    choices: list[Option] = field(default_factory=list)
    choice: str = Give.TERMS.value
    amount_back: int = 0
    goes_back: str = ""
    stays: str = ""
    less: str = ""
    press: str = ""
    arrives: str = ""
    expect: int = 0
    promised: int = 0
    currency: str = ""
    changed: str = ""
    note: str = ""
    tags: str = ""
    problems: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))


def figures_of(booking: ManagedBookingView) -> BookingFigures:
    """Return the sums of a booking; nothing for somebody who may not see money."""
    money = booking.money
    if money is None:
        return BookingFigures()
    return BookingFigures(
        kept=money.kept.amount,
        ready=money.refundable.amount,
        promised=money.promised_now.amount,
        price=money.price.amount,
        currency=money.price.currency,
        meetings=len(booking.course.meetings),
    )


def panel_of(act: str, booking: ManagedBookingView, stamp: int, language: str) -> ActPanel:
    """Return the panel of an act as it opens."""
    words, figures = i18n.manage_of(language), figures_of(booking)
    name = first_name(booking.name or booking.payer.name or booking.number)
    panel = ActPanel(
        act=act,
        stamp=stamp,
        name=name,
        title=words.PANEL_TITLE[act].format(name=name),
        note=booking.note,
        tags=", ".join(booking.tags),
        arrives=_arrives(booking, name, language),
        keeps=words.KEEPS_PLACE.format(name=name),
        gives_up=words.GIVES_PLACE_UP.format(name=name),
        press=words.PANEL_PRESS[act],
    )
    panel = with_figures(panel, figures, language)
    if act == BookingAct.REFUND.value:
        return share_picked(panel, "all", figures, language)
    return choice_made(panel, Give.TERMS.value, figures, language)


def with_figures(panel: ActPanel, figures: BookingFigures, language: str) -> ActPanel:
    """Return a panel with the sums as they are now; what was typed or chosen stays."""
    words = i18n.manage_of(language)
    if not figures.currency:
        return panel
    kept, ready = (_money(amount, figures, language) for amount in (figures.kept, figures.ready))
    shares = [Option("half", words.SHARE["half"]), Option("all", words.SHARE["all"])]
    if figures.meetings > 1:
        text = words.SHARE_MEETING.format(count=figures.meetings)
        shares.append(Option("meeting", text))
    panel = replace(
        panel,
        lead=words.PANEL_LEAD.format(kept=kept),
        of=words.OF_AMOUNT.format(amount=ready),
        shares=shares,
        choices=_choices(figures, language),
        expect=figures.kept,
        promised=figures.promised,
        currency=figures.currency,
    )
    return _reckoned(panel, figures, language)


def _choices(figures: BookingFigures, language: str) -> list[Option]:
    words = i18n.manage_of(language)
    sums = {Give.TERMS: figures.promised, Give.ALL: figures.ready}
    options = []
    for give in (Give.TERMS, Give.ALL, Give.NONE, Give.AMOUNT):
        amount = _money(sums[give], figures, language) if give in sums else ""
        options.append(Option(give.value, words.GIVE_BACK_FORM[give.value].format(amount=amount)))
    return options


def amount_typed(panel: ActPanel, text: str, figures: BookingFigures, language: str) -> ActPanel:
    """Return the panel after an amount was typed."""
    return _reckoned(replace(panel, amount=text, picked=""), figures, language)


def share_picked(panel: ActPanel, share: str, figures: BookingFigures, language: str) -> ActPanel:
    """Return the panel after a share was picked: half, all, or the part of one meeting."""
    parts = {"half": 2, "all": 1, "meeting": figures.meetings}
    if share not in parts or not figures.currency:
        return panel
    base = figures.price if share == "meeting" else figures.ready
    amount = min(figures.ready, base // parts[share])
    typed = major_units(amount, figures.currency).replace(".", decimal_mark(language))
    panel = replace(panel, amount=typed, picked=share, amount_stamp=panel.amount_stamp + 1)
    return _reckoned(panel, figures, language)


def choice_made(panel: ActPanel, choice: str, figures: BookingFigures, language: str) -> ActPanel:
    """Return the panel after a choice of what goes back on cancelling."""
    if choice not in list(Give):
        return panel
    return _reckoned(replace(panel, choice=choice), figures, language)


def place_chosen(panel: ActPanel, place: str, figures: BookingFigures, language: str) -> ActPanel:
    """Return the panel after it was chosen whether the person keeps the place."""
    if place not in (KEEPS, GIVES_UP):
        return panel
    return _reckoned(replace(panel, place=place), figures, language)


def answered(
    panel: ActPanel, answer: Mapping[str, str], figures: BookingFigures, language: str
) -> ActPanel:
    """Return the panel as the form was sent: the last keys may not have been told before."""
    panel = place_chosen(panel, answer.get("place", panel.place), figures, language)
    panel = choice_made(panel, answer.get("choice", panel.choice), figures, language)
    if answer.get("amount", panel.amount) == panel.amount:
        return panel
    return amount_typed(panel, answer["amount"], figures, language)


def amount_of(panel: ActPanel, text: str, figures: BookingFigures) -> int:
    """Return the sum that a panel gives back. Raises WrongAmount for an amount as it was typed."""
    if panel.act == BookingAct.CANCEL.value and panel.choice != Give.AMOUNT.value:
        sums = {Give.TERMS.value: figures.promised, Give.ALL.value: figures.ready}
        return sums.get(panel.choice, 0)
    return read_amount(text, figures.currency)


def _arrives(booking: ManagedBookingView, name: str, language: str) -> str:
    """Return how money goes back: what came by card to the card, what came by hand by hand."""
    words, lines = i18n.manage_of(language), booking.money.lines if booking.money else ()
    cards = [line for line in lines if line.kind is MoneyKind.PAYMENT and line.state == "succeeded"]
    cards = [line for line in cards if line.amount.amount]
    by_hand = [line for line in lines if line.kind is MoneyKind.BY_HAND]
    sentences = []
    if cards:
        fees = [line.fee for line in cards if line.fee is not None]
        fee = sum(fee.amount for fee in fees)
        kept = words.FEE_STAYS
        if fee and len(fees) == len(cards) and len({one.currency for one in fees}) == 1:
            kept = words.FEE_STAYS_FORM.format(fee=say.money(fee, fees[0].currency, language))
        sentences += [kept, words.MONEY_ARRIVES.format(name=name)]
    if any(line.direction == "in" and line.state == "received" for line in by_hand):
        sentences.append(words.MONEY_BY_HAND)
    return " ".join(map(str, sentences))


def _reckoned(panel: ActPanel, figures: BookingFigures, language: str) -> ActPanel:
    """Return the panel with what its choices come to."""
    words = i18n.manage_of(language)
    is_money_act = panel.act in (BookingAct.REFUND.value, BookingAct.CANCEL.value)
    if not is_money_act or not figures.currency:
        return panel
    plain = words.PANEL_PRESS[panel.act]
    try:
        amount = amount_of(panel, panel.amount, figures)
    except WrongAmount:
        return replace(panel, amount_back=0, goes_back="", stays="", less="", press=plain)
    ends = panel.act == BookingAct.CANCEL.value or panel.place == GIVES_UP
    back = _money(amount, figures, language)
    stays = max(0, figures.kept - amount)
    less = words.LESS_FORM.format(
        amount=back, promised=_money(figures.promised, figures, language), name=panel.name
    )
    press = words.PRESS_GIVE_BACK.format(amount=back) if amount else plain
    if panel.act == BookingAct.CANCEL.value:
        press = words.PRESS_CANCEL_BACK.format(amount=back) if amount else words.PRESS_CANCEL
    return replace(
        panel,
        amount_back=amount,
        goes_back=back,
        stays=_money(stays, figures, language),
        less=less if ends and amount < figures.promised else "",
        press=press,
    )


def _money(amount: int, figures: BookingFigures, language: str) -> str:
    return say.money(amount, figures.currency, language)
