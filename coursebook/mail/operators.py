"""The mail to operators about a new entry of the money inbox."""

from dataclasses import dataclass

from coursebook.domain.inbox import ACTION, InboxKind
from coursebook.mail import i18n
from coursebook.mail.facts import DEFAULT_NAME
from coursebook.mail.letter import Letter, Mail, Row, html_of, links_of, text_of
from coursebook.mail.look import PLAIN, Look


@dataclass(frozen=True)
class EntryFacts:
    """The facts of the mail. `entry_url` is the entry's page; `number` "" means no booking.

    `amount` is text, "" when the entry is not about an amount. `detail` is what was recorded, in
    English. `language` is that of the operator, "" when unknown.
    """

    kind: InboxKind
    detail: str
    amount: str
    number: str
    entry_url: str
    school_name: str
    language: str = ""
    look: Look = PLAIN


def inbox_entry(to: str, facts: EntryFacts) -> Mail:
    """Return the mail: the cause, the state of the money, and the available action."""
    texts = i18n.of(facts.language)
    frame = texts.names("frame")
    action = ACTION[facts.kind]
    effect = texts.text("inbox_action", action.value)
    offer = texts.text("inbox_entry", "offer", action=action, effect=effect)
    sentence, money = (texts.text(f"inbox_{part}", facts.kind.value) for part in ("cause", "money"))
    cause = sentence.removesuffix(".")
    rows = (Row(frame["amount"], facts.amount), Row(frame["number"], facts.number))
    letter = Letter(
        language=texts.language,
        subject=texts.text("inbox_entry", "subject", cause=cause),
        heading=cause,
        hello=(frame["hello_nobody"], "", ""),
        paragraphs=tuple(filter(None, (f"{sentence} {money}", facts.detail, offer))),
        rows=tuple(row for row in rows if row.value),
        button=(frame["open"], facts.entry_url),
        signature=(facts.school_name,),
        links=links_of(facts.look, texts),
        picture=("", ""),
        look=facts.look,
    )
    sender_name = "" if facts.school_name == DEFAULT_NAME else facts.school_name
    return Mail(to, letter.subject, text_of(letter), html_of(letter), sender_name=sender_name)
