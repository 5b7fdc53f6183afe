"""The mail around a text that the school wrote itself."""

from datetime import datetime

from coursebook.domain.texts.placeholders import filled_blocks, filled_line
from coursebook.mail.booking_letters import button_of, course_rows, greeting, sentence
from coursebook.mail.facts import MailFacts, MessageText, moment_words
from coursebook.mail.letter import Letter, Mail, Row, html_of, links_of, text_of

TABLE = "message"


def written_mail(facts: MailFacts, words: MessageText) -> Mail:
    """Return the mail: what was written with its placeholders filled, and the facts of the course.

    The text greets by itself. The mail has no link to unsubscribe: it belongs to the booking.
    """
    values = {
        "name": facts.student_name,
        "course": facts.course_title,
        "when": moment_words(_next_begin(facts), facts.timezone, facts.texts),
        "where": facts.place,
        "link": facts.booking_url,
    }
    link = sentence(facts, TABLE, "link_course" if facts.is_copy else "link", number=facts.number)
    about = sentence(facts, TABLE, "subject")
    heading = filled_line(words.subject, values)
    subject = heading or f"{about}: {facts.course_title}"
    number = Row(sentence(facts, "frame", "number"), facts.number)
    letter = Letter(
        language=facts.texts.language,
        subject=subject,
        heading=heading or about,
        hello=("", "", "") if words.body else greeting(facts),
        paragraphs=(),
        blocks=tuple(filled_blocks(words.body, values, link)),
        rows=(
            Row(sentence(facts, TABLE, "course"), facts.course_title),
            *course_rows(facts),
            *(() if facts.is_copy else (number,)),
        ),
        button=button_of(facts, "see"),
        signature=tuple(facts.school.lines),
        links=links_of(facts.look, facts.texts),
        picture=("", ""),
        look=facts.look,
    )
    return Mail(
        to=facts.student_email,
        subject=subject,
        text=text_of(letter),
        html=html_of(letter),
        reply_to=facts.school.reply_address,
        sender_name=facts.school.own_name,
        blocks=letter.blocks,
    )


def _next_begin(facts: MailFacts) -> datetime:
    """Return when the next meeting begins, of a course that is over the last one."""
    begins = [meeting.starts_at for meeting in facts.entries if not meeting.is_cancelled]
    ahead = [begin for begin in begins if begin > facts.written_at]
    return min(ahead, default=max(begins, default=facts.starts_at))
