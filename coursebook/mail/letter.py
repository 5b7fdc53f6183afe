"""A mail before it is written: one set of facts for its text part and its HTML part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from coursebook.domain.texts.markdown import Block, Span
from coursebook.mail.calendar import CalendarFile
from coursebook.mail.facts import School
from coursebook.mail.i18n import Texts
from coursebook.mail.look import Look

HTML = Environment(
    loader=PackageLoader("coursebook.mail"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


TICKET_ID = "ticket@coursebook"
"""The Content-ID of the picture of the ticket (RFC 2392)."""
TICKET_SOURCE = f"cid:{TICKET_ID}"


@dataclass(frozen=True)
class Mail:
    """A finished mail. `calendars`: the files of its calendar entries, one for each meeting.

    `ticket`: the picture (PNG) that the HTML part shows as `TICKET_SOURCE`, empty without one.

    `reply_to`: where answers go to; "": to the sender. `sender_name` stands beside the address of
    the sender unless MAIL_FROM is set; "": that of the configuration. `blocks`: what a person wrote
    into it, for previews.
    """

    to: str
    subject: str
    text: str
    html: str
    calendars: tuple[CalendarFile, ...] = ()
    ticket: bytes = b""
    reply_to: str = ""
    sender_name: str = ""
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Row:
    """A fact: its name, its value, and the address that the value links to, "" for none."""

    name: str
    value: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The content of a mail, in reading order.

    `hello` is the greeting before, in and after the name, `blocks` a text that somebody wrote in
    Markdown, after the paragraphs. `button` is the label and the address of
    the one thing to do. `signature` are the lines of the school, `links` its pages about the law.
    `picture` is the address of a picture and its alternative text, and so is `ticket`.
    """

    language: str
    subject: str
    heading: str
    hello: tuple[str, str, str]
    paragraphs: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    rows: tuple[Row, ...]
    button: tuple[str, str]
    signature: tuple[str, ...]
    links: tuple[Row, ...]
    picture: tuple[str, str]
    look: Look
    ticket: tuple[str, str] = ("", "")


def links_of(look: Look, texts: Texts) -> tuple[Row, ...]:
    """Return the links to the school's pages about the law."""
    links = (
        Row("imprint", texts.text("frame", "imprint"), look.imprint_url),
        Row("privacy", texts.text("frame", "privacy"), look.privacy_url),
    )
    return tuple(link for link in links if link.url)


def text_of(letter: Letter) -> str:
    """Return the text part."""
    button_label, button_url = letter.button
    parts = [
        "".join(letter.hello),
        *letter.paragraphs,
        *_block_texts(letter.blocks),
        "\n".join(f"{row.name}: {row.value}" for row in letter.rows),
        f"{button_label}: {button_url}",
        "\n".join([*letter.signature, *(f"{link.value}: {link.url}" for link in letter.links)]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block_texts(blocks: Sequence[Block], indent: str = "") -> Iterator[str]:
    """Yield blocks as plain text; a link is followed by its address."""
    for block in blocks:
        if block.kind == "quote":
            yield from _block_texts(block.blocks, f"{indent}> ")
        elif block.points:
            yield "\n".join(_points(block, indent))
        else:
            yield indent + _span_texts(block.spans)


def _points(block: Block, indent: str) -> Iterator[str]:
    for number, item in enumerate(block.points, block.start):
        mark = f"{number}. " if block.kind == "numbers" else "- "
        yield indent + mark + _span_texts(item.spans)
        yield from _block_texts(item.blocks, f"{indent}  ")


def _span_texts(spans: Sequence[Span]) -> str:
    return "".join(
        f"{span.text}: {span.href}" if span.href and span.text != span.href else span.text
        for span in spans
    )


def html_of(letter: Letter) -> str:
    """Return the HTML part."""
    return HTML.get_template("frame.html").render(vars(letter))


def mail_of(letter: Letter, to: str, school: School) -> Mail:
    """Return a letter as a mail from the school, without files."""
    return Mail(
        to=to,
        subject=letter.subject,
        text=text_of(letter),
        html=html_of(letter),
        reply_to=school.reply_address,
        sender_name=school.own_name,
    )
