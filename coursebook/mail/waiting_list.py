"""The mails to people on a waiting list: joined, a place is offered, it is over."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.mail import i18n
from coursebook.mail.facts import School, moment_words, when_words
from coursebook.mail.letter import Letter, Mail, Row, links_of, mail_of
from coursebook.mail.look import PLAIN, Look


@dataclass(frozen=True)
class WaitingFacts:
    """The facts of a mail to somebody who waits for a place.

    Datetimes have a zone; the mail shows them in `timezone`, an IANA name. `position`: 1 is next.
    `offer_until`: until then a place is kept, or was. `price` is text such as "€45.00", "" when the
    course is free. `url` leads to the course, for an offer to the booking. `why` is the stored
    reason of an end.
    """

    name: str
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    place: str
    url: str
    price: str
    school: School
    position: int = 0
    offer_until: datetime | None = None
    why: str = ""
    language: str = ""
    picture_url: str = ""
    look: Look = PLAIN

    @property
    def texts(self) -> i18n.Texts:
        """The texts in the person's language, or in English."""
        return i18n.of(self.language)

    @property
    def until(self) -> str:
        """The end of the turn as text, with its zone; "" without one."""
        if self.offer_until is None:
            return ""
        return moment_words(self.offer_until, self.timezone, self.texts)


def waiting_joined(to: str, facts: WaitingFacts) -> Mail:
    """Say which number the person has, and what happens when a place becomes free."""
    table = "waiting_joined"
    return _mail(to, facts, table, "first", "second", "third", button="course")


def waiting_offer(to: str, facts: WaitingFacts) -> Mail:
    """Say until when a place is kept, and how to take it."""
    table = "waiting_offer"
    if facts.price:
        return _mail(to, facts, table, "first", "second", "third", button="pay")
    return _mail(to, facts, table, "first", "free", "third", button="take")


def waiting_over(to: str, facts: WaitingFacts) -> Mail:
    """Say why the person does not wait any more."""
    table = "waiting_over"
    why = facts.why if facts.texts.has(table, facts.why) else "switched_off"
    again = "again" if why == "page_expired" else ""
    return _mail(to, facts, table, why, again, button="course")


def _mail(to: str, facts: WaitingFacts, table: str, *names: str, button: str) -> Mail:
    texts, school = facts.texts, facts.school
    values = {
        "title": facts.title,
        "position": str(facts.position),
        "until": facts.until,
        "amount": facts.price,
    }
    subject = texts.text(table, "subject", **values)
    when = when_words(facts.starts_at, facts.ends_at, facts.timezone, texts)
    frame = texts.names("frame")
    until = facts.until if table == "waiting_offer" else ""
    rows = (
        Row(texts.text("waiting_offer", "until"), until),
        Row(frame["when"], when),
        Row(frame["where"], facts.place),
        Row(frame["amount"], facts.price or frame["free"]),
    )
    hello, name = "hello" if facts.name else "hello_nobody", facts.name
    before, _, after = texts.pattern("frame", hello).partition("{name}")
    letter = Letter(
        language=texts.language,
        subject=f"{subject}: {facts.title}",
        heading=subject,
        hello=(before, name, after),
        paragraphs=tuple(texts.text(table, name, **values) for name in names if name),
        rows=tuple(row for row in rows if row.value),
        button=(texts.text("waiting_button", button), facts.url),
        signature=tuple(school.lines),
        links=links_of(facts.look, texts),
        picture=(facts.picture_url, facts.title),
        look=facts.look,
    )
    return mail_of(letter, to, school)
