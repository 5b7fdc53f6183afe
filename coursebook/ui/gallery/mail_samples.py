"""Samples of every mail, in every state that changes what it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from coursebook import school
from coursebook.domain.amount_text import money_text
from coursebook.domain.booking import EndCause
from coursebook.domain.booking_edits.move import Difference
from coursebook.domain.booking_statement import MoneyOutcome
from coursebook.domain.inbox import InboxKind
from coursebook.domain.online_room import Room
from coursebook.domain.promise import Share
from coursebook.domain.rights import Role
from coursebook.extensions.loader import mails
from coursebook.mail.facts import (
    CourseCancellationFacts,
    CourseChangeFacts,
    MailFacts,
    MeetingFacts,
    MessageText,
    MoneyText,
    MoveFacts,
    RefundText,
    School,
)
from coursebook.mail.kinds import MailKind
from coursebook.mail.letter import Mail
from coursebook.mail.look import Look
from coursebook.mail.messages import MAILS
from coursebook.mail.operators import EntryFacts, inbox_entry
from coursebook.mail.teachers import (
    TeacherFacts,
    teacher_course_cancelled,
    teacher_course_changed,
)
from coursebook.mail.team import InvitationFacts, team_invitation

Samples = dict[str, Mail]
"""Mails by a name such as `booked` or `booked, free`."""

STARTS = datetime(2027, 1, 16, 9, 0, tzinfo=UTC)
PRICE = 8500
PERSON = "sam@example.test"
ONLINE = {
    "is_online": True,
    "place": "Online",
    "room": Room("https://meet.example/j/482", "Code 1234"),
    "reader_timezone": "America/New_York",
}
MEETINGS = {
    "meetings": tuple(
        MeetingFacts(
            number,
            STARTS + timedelta(weeks=number - 1),
            STARTS + timedelta(weeks=number - 1, hours=2),
            place="The beach" if number == 3 else "",  # noqa: PLR2004 - one of them is elsewhere
        )
        for number in (1, 2, 3)
    ),
    "attendee_info": "Please bring:\n\n- An apron\n- Old shoes",
}


WRITTEN = MessageText(
    "What to bring on {when}",
    "Hello {name},\n\nwe begin on **{when}** in {where}.\n\nPlease bring:\n\n"
    "- an apron, or a shirt that may turn blue\n- a small piece of cloth, if you have one\n\n"
    "Whatever changes, you find it here: {link}",
)
COPY = {
    "is_copy": True,
    "payer_name": "Sam Student",
    "student_name": "Bruno",
    "held_until": None,
}
"""What differs in a mail to a participant who is not the payer."""


def samples(language: str, site: str = "") -> Samples:
    """Return every mail in a language. `site` begins the addresses of pictures and links."""
    facts, written = sample_facts(language, site), Samples()
    for kind, write in MAILS.items():
        for state, changes in _states(kind, language).items():
            name = f"{kind}, {state}" if state else kind.value
            written[name] = write(replace(facts, **changes))
    for name, write in mails().items():
        written[name] = write(facts)
    for role in Role:
        written[f"team invitation, {role}"] = team_invitation(PERSON, _invitation(role, facts))
    written |= _mails_to_teachers(facts)
    for entry in InboxKind:
        written[f"inbox entry, {entry}"] = inbox_entry(PERSON, _entry(entry, facts))
    return written


def sample_facts(language: str, site: str = "") -> MailFacts:
    """Return the facts of a sample booking in a language."""
    brand = school.current()
    return MailFacts(
        booking_id="bkg_3w9k2m7f3kabcdef7k3f9m",
        course_title="Indigo in Two Days",
        starts_at=STARTS,
        ends_at=STARTS + timedelta(hours=6),
        timezone="Europe/Lisbon",
        place="Atelier Azul, Rua da Rosa 12, Lisbon",
        room=Room(),
        booking_url=f"{site}/bookings/bkg_3w9k2m7f3kabcdef7k3f9m",
        written_at=STARTS - timedelta(days=30),
        sequence=0,
        student_name="Sam Student",
        student_email=PERSON,
        school=School.of(brand.name, brand.email, brand.address, "no-reply@example.test"),
        language=language,
        amount_text=money_text(PRICE, "aud", language),
        held_until=STARTS - timedelta(days=29),
        promise=(
            Share(STARTS - timedelta(days=7), 100),
            Share(STARTS - timedelta(days=2), 50),
        ),
        picture_url=f"{site}/courses/indigo-in-two-days.jpg",
        look=Look.of(brand, site),
    )


def _states(kind: MailKind, language: str) -> dict[str, dict[str, Any]]:
    """Return the states of a mail: what differs from the usual facts, by a name."""
    whole, half = money_text(PRICE, "aud", language), money_text(PRICE // 2, "aud", language)
    match kind:
        case MailKind.BOOKED:
            return {"": {}, "free": {"amount_text": ""}, "online": ONLINE, "meetings": MEETINGS}
        case MailKind.COURSE_CHANGED | MailKind.COURSE_CANCELLED:
            is_off = kind is MailKind.COURSE_CANCELLED
            return _course_cancellations(whole) if is_off else _changes()
        case MailKind.CANCELLED:
            back = (MoneyText(MoneyOutcome.GOES_BACK, whole, ""),)
            by = {cause.value: {"ended_by": cause.value, "money": back} for cause in _CANCELLERS}
            money = {
                outcome.value: {
                    "ended_by": EndCause.STUDENT.value,
                    "money": (MoneyText(outcome, half, "as agreed by phone"),),
                }
                for outcome in MoneyOutcome
            }
            return {"": {"money": back}} | by | money
        case MailKind.REFUNDED | MailKind.REFUND_FAILED:
            words = ("Half of the course took place.", "We are sorry. See you in May!")
            part = RefundText(half, whole, "given_back_by_operator", *words)
            full = RefundText(whole, whole, "cancelled")
            return {
                "": {"refund": full, "ended_by": EndCause.STUDENT.value},
                "part": {"refund": part},
            }
        case _:
            return _states_of_operators_mails(half).get(kind, {"": {}})


def _states_of_operators_mails(half: str) -> dict[MailKind, dict[str, dict[str, Any]]]:
    """Return those of mails about what operators do with a booking."""
    payer = {"participant_name": "Bruno", "has_other_address": True, "sequence": 1}
    return {
        MailKind.MOVED: _moves(half),
        MailKind.MESSAGE: {"": {"message": WRITTEN, "held_until": None}},
        MailKind.PLACE_FOR_YOU: {"": COPY, "several meetings": COPY | MEETINGS},
        MailKind.PLACE_HANDED_ON: {"": payer, "former": COPY | {"sequence": 1}},
    }


def _changes() -> dict[str, dict[str, Any]]:
    dates = (STARTS, STARTS + timedelta(hours=6))
    earlier = tuple(at - timedelta(days=7) for at in dates)
    moved = CourseChangeFacts(
        old_dates=[earlier],
        new_dates=[dates],
        old_timezone="Europe/Lisbon",
        new_timezone="Europe/Lisbon",
        places=None,
        is_room_new=False,
        reason="The kiln needs a repair.",
        free_cancel_until=STARTS - timedelta(days=10),
        is_hold_shorter=False,
        is_confirmed=True,
    )
    place = replace(
        moved, old_dates=[], new_dates=[], places=("Old Mill, Lisbon", "Atelier Azul"), reason=""
    )
    held = replace(
        moved, old_dates=[dates], new_dates=[earlier], is_hold_shorter=True, is_confirmed=False
    )
    return {
        "": {"change": moved, "held_until": None},
        "place": {"change": place, "held_until": None, "amount_text": ""},
        "held": {"change": held},
    }


def _moves(given_back: str) -> dict[str, dict[str, Any]]:
    dates = [(STARTS - timedelta(days=7), STARTS - timedelta(days=7, hours=-6))]
    same = MoveFacts("Silk Painting", dates, "Europe/Lisbon", "", "")
    cheaper = replace(same, difference=Difference.GIVE_BACK.value, given_back=given_back)
    confirmed = {"held_until": None, "sequence": 1}
    return {
        "": {"move": same, **confirmed},
        "given back": {"move": cheaper, **confirmed},
        "waived": {"move": replace(same, difference=Difference.WAIVE.value), **confirmed},
        "recorded": {
            "move": replace(same, difference=Difference.RECORDED.value, recorded=given_back),
            **confirmed,
        },
        "kept": {"move": replace(same, difference=Difference.KEEP.value), **confirmed},
        "held": {"move": same},
    }


def _course_cancellations(whole: str) -> dict[str, dict[str, Any]]:
    back = (MoneyText(MoneyOutcome.GOES_BACK, whole, ""),)
    ended = {"ended_by": EndCause.COURSE_CANCELLED.value, "money": back}
    reason = "The kiln broke, and the repair takes weeks."
    told = CourseCancellationFacts(reason, "We are very sorry.\nThe next course is in May.")
    return {
        "": ended | {"cancellation": told, "sequence": 1},
        "held": ended
        | {
            "cancellation": CourseCancellationFacts(reason),
            "money": (MoneyText(MoneyOutcome.NOTHING_CHARGED, "", ""),),
        },
        "on its way": ended | {"cancellation": CourseCancellationFacts(reason, is_on_its_way=True)},
    }


_CANCELLERS = (EndCause.STUDENT, EndCause.OPERATOR, EndCause.COURSE_CANCELLED)


def _invitation(role: Role, facts: MailFacts) -> InvitationFacts:
    return InvitationFacts(
        role=role,
        courses=(facts.course_title,) if role is Role.TEACHER else (),
        link=f"{facts.look.home_url}/invitation?code=tDn6UrTGFkF7k1wY2mMZs3nC0uQ9JZb5oXe8yRq4hLA",
        until=facts.written_at,
        timezone=facts.timezone,
        inviter="Olga Operator",
        school=facts.school,
        language=facts.language,
        look=facts.look,
    )


def _mails_to_teachers(facts: MailFacts) -> Samples:
    """Return the mails to teachers: a change that is told, a silent one, and the end."""
    changes = _changes()
    told = TeacherFacts(
        name="Thea Teacher",
        title=facts.course_title,
        meetings=((facts.starts_at, facts.ends_at),),
        timezone=facts.timezone,
        place=facts.place,
        url=f"{facts.look.home_url}/manage/courses/crs_1/people",
        school=facts.school,
        reason="The kiln needs a repair.",
        change=changes[""]["change"],
        told=12,
        people=12,
        language=facts.language,
        look=facts.look,
    )
    silent = replace(told, change=changes["place"]["change"], reason="", told=0)
    nobody = replace(told, change=None, told=0, people=0)
    return {
        "teacher course changed": teacher_course_changed(PERSON, told),
        "teacher course changed, silent": teacher_course_changed(PERSON, silent),
        "teacher course cancelled": teacher_course_cancelled(PERSON, replace(told, change=None)),
        "teacher course cancelled, nobody": teacher_course_cancelled(PERSON, nobody),
    }


def _entry(kind: InboxKind, facts: MailFacts) -> EntryFacts:
    return EntryFacts(
        kind=kind,
        detail="Stripe took A$85.00 for attempt 1.",
        amount=facts.amount_text,
        number=facts.number,
        entry_url=f"{facts.look.home_url}/manage/inbox/inb_1",
        school_name=facts.school.name,
        language=facts.language,
        look=facts.look,
    )
