"""The page that cancels a course: what it would mean, and how far it has come, in words. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from coursebook.cldr import number_text
from coursebook.errors import FieldError
from coursebook.services.course_cancellation.views import (
    ByHand,
    CancellationCount,
    CancellationPreview,
    CancellationProgress,
    RefundGroup,
    Sums,
)
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say

NOTHING = "\N{EN DASH}"
PARTS = ("done", "waiting", "failed")
"""The parts of the bar, from its beginning."""
FIELDS = {"/reason": "reason", "/message": "message", "/percent": "percent"}
"""The names of the fields of the form by their pointers."""


@dataclass(frozen=True)
class SumLine:
    """One sum and what it is about; `below` says more, "" for nothing."""

    title: str = ""
    below: str = ""
    amount: str = ""


@dataclass(frozen=True)
class CancelQuestion:
    """What cancelling would mean. `people` is the number to type.

    `total` has the sums that go back by card, `fees` says what Stripe keeps of them, `short` warns
    when Stripe has less. `told` has a sentence for each group that gets a mail. `percent` is the
    share to give back; `may_choose`: another one may be chosen.
    """

    title: str = ""
    when: str = ""
    lines: list[SumLine] = field(default_factory=list)
    total: str = ""
    fees: str = ""
    short: str = ""
    by_hand: list[SumLine] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    people: str = ""
    type_label: str = ""
    submit: str = ""
    percent: str = "100"
    may_choose: bool = False


@dataclass(frozen=True)
class CancelReport:
    """How far it has come. `parts` are the words below the bar, `widths` the ends of its parts.

    Both have `done`, `waiting` (for a bank) and `failed` (refunds); `parts` also `free`, what is to
    come. A part of nobody is "". `rest` says in words what is not done yet, "" at the end.
    """

    title: str = ""
    when: str = ""
    count: str = ""
    count_words: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    widths: dict[str, str] = field(default_factory=dict)
    rest: str = ""
    lines: list[SumLine] = field(default_factory=list)
    by_hand: list[SumLine] = field(default_factory=list)
    reason: str = ""
    message: str = ""


def question_of(preview: CancellationPreview, language: str) -> CancelQuestion:
    """Return what is asked."""
    words, count = i18n.manage_of(language), preview.count
    people = number_text(count.people.total, language)
    return CancelQuestion(
        title=preview.title,
        when=say.when(preview.starts_at, preview.ends_at, preview.timezone, language),
        lines=[*_lines(preview, language)],
        total=sums_words(count.give_back, language),
        fees=_fees(count, language),
        short=_short(preview, language),
        by_hand=[_by_hand(line, language) for line in count.by_hand],
        told=[
            say.counted(people_told, forms, language)
            for people_told, forms in (
                (preview.mails, words.CANCEL_TOLD),
                (preview.waiting, words.CANCEL_TOLD_WAITING),
                (preview.teachers, words.CANCEL_TOLD_TEACHERS),
            )
            if people_told
        ],
        people=str(count.people.total),
        type_label=words.CANCEL_TYPE.format(count=count.people.total),
        submit=say.counted(count.people.total, words.CANCEL_NOW, language)
        if count.people.total
        else str(words.CANCEL_NOW_EMPTY.format(count=people)),
        percent=str(preview.percent),
        may_choose=preview.has_begun,
    )


def report_of(progress: CancellationProgress, language: str) -> CancelReport:
    """Return how far it has come."""
    words = i18n.manage_of(language)
    return CancelReport(
        title=progress.title,
        when=_decided(progress, language),
        count=number_text(progress.done, language),
        count_words=words.CANCEL_OF.format(total=number_text(progress.total, language)),
        parts=_part_words(progress, language),
        widths=_part_widths(progress),
        rest=_rest(progress, language),
        lines=[*_report_lines(progress, language)],
        by_hand=[_by_hand(line, language) for line in progress.by_hand],
        reason=progress.reason,
        message=progress.message,
    )


def sums_words(sums: Sums, language: str) -> str:
    """Return one sum for each currency."""
    return " · ".join(say.money(m.amount, m.currency, language) for m in sums) or NOTHING


def problems_of(errors: tuple[FieldError, ...], language: str) -> dict[str, str]:
    """Return a sentence for each field that was refused."""
    mistakes = i18n.manage_of(language).CANCEL_MISTAKE
    names = [FIELDS[error.pointer] for error in errors if error.pointer in FIELDS]
    return {name: mistakes[name] for name in names}


def _lines(preview: CancellationPreview, language: str) -> Iterator[SumLine]:
    words, count = i18n.manage_of(language), preview.count
    sums = {
        "card": count.give_back,
        "by_hand": count.by_hand_sums,
        "complimentary": (),
        "paying": (),
        "processing": count.on_its_way,
        "disputed": count.at_the_bank,
    }
    for name, amounts in sums.items():
        people = getattr(count.people, name)
        if people:
            title = say.counted(people, getattr(words, f"CANCEL_PEOPLE_{name.upper()}"), language)
            yield SumLine(title, words.CANCEL_MEANS[name], sums_words(amounts, language))
    for name, amounts in (
        ("already_back", count.already_back),
        ("kept", count.kept),
        ("in_inbox", count.in_inbox),
    ):
        if amounts:
            texts = words.CANCEL_MORE[name], words.CANCEL_MEANS[name]
            yield SumLine(*texts, sums_words(amounts, language))


def _short(preview: CancellationPreview, language: str) -> str:
    if not preview.short or preview.balance is None:
        return ""
    text: str = i18n.manage_of(language).CANCEL_SHORT
    return text.format(
        balance=sums_words(preview.balance, language), missing=sums_words(preview.short, language)
    )


def _fees(count: CancellationCount, language: str) -> str:
    """Return what Stripe keeps of the payments that go back, "" when none does."""
    words = i18n.manage_of(language)
    if not count.refunds:
        return ""
    if not count.are_fees_known:
        return str(words.CANCEL_FEES_UNKNOWN)
    return str(words.CANCEL_FEES.format(fees=sums_words(count.fees, language)))


def _decided(progress: CancellationProgress, language: str) -> str:
    at = say.moment(progress.at, progress.timezone, language)
    form: str = i18n.manage_of(language).CANCEL_BY
    return form.format(name=progress.by_name, at=at) if progress.by_name else at


def _part_counts(progress: CancellationProgress) -> dict[str, int]:
    failed = min(progress.refunds.failed.count, progress.done)
    return {
        "done": progress.done - failed,
        "waiting": progress.at_banks,
        "failed": failed,
        "free": progress.left,
    }


def _part_words(progress: CancellationProgress, language: str) -> dict[str, str]:
    words = i18n.manage_of(language)
    forms = {name: getattr(words, f"CANCEL_PART_{name.upper()}") for name in (*PARTS, "free")}
    return {
        name: say.counted(count, forms[name], language) if count else ""
        for name, count in _part_counts(progress).items()
    }


def _part_widths(progress: CancellationProgress) -> dict[str, str]:
    ends = accumulate(_part_counts(progress).values())
    return {name: _part(end, progress.total) for name, end in zip(PARTS, ends, strict=False)}


def _report_lines(progress: CancellationProgress, language: str) -> Iterator[SumLine]:
    names, refunds = i18n.manage_of(language).CANCEL_REPORT, progress.refunds
    yield SumLine(names["made"], "", _group(refunds.made, language))
    if refunds.pending.count:
        yield SumLine(names["pending"], "", _group(refunds.pending, language))
    if refunds.failed.count:
        yield SumLine(names["failed"], names["failed_more"], _group(refunds.failed, language))
    mails = progress.mails
    of_all = names["mails_of"].format(
        sent=number_text(mails.sent, language),
        total=number_text(mails.sent + mails.waiting + mails.failed, language),
    )
    yield SumLine(names["mails"], names["mails_failed"] if mails.failed else "", of_all)
    if progress.disputed:
        disputed = number_text(progress.disputed, language)
        yield SumLine(names["disputed"], names["disputed_more"], disputed)


def _group(refunds: RefundGroup, language: str) -> str:
    if not refunds.count:
        return NOTHING
    return f"{number_text(refunds.count, language)} · {sums_words(refunds.sums, language)}"


def _rest(progress: CancellationProgress, language: str) -> str:
    words = i18n.manage_of(language)
    parts = (
        (progress.left, words.CANCEL_LEFT),
        (progress.at_banks, words.CANCEL_AT_BANKS),
    )
    return " ".join(say.counted(count, forms, language) for count, forms in parts if count)


def _by_hand(line: ByHand, language: str) -> SumLine:
    amount = say.money(line.amount.amount, line.amount.currency, language)
    return SumLine(line.name or line.number, line.number, amount)


def _part(count: int, total: int) -> str:
    return f"{100 * count / total:.4g}%" if total else "100%"
