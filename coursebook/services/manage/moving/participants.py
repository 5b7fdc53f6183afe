"""Change who takes part in a booking. Money, refunds and cancel rights stay with the payer."""

from dataclasses import dataclass

from coursebook.domain.booking import SeatState
from coursebook.domain.check_in.ticket_code import new_ticket_code
from coursebook.domain.external_text import clean_line, mail_address
from coursebook.errors import FieldError, Invalid, NotActionable
from coursebook.mail.kinds import MailKind
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import User
from coursebook.services.locked_booking import LockedBookingAndCourse

MAX_NAME = 200
NO_NAME = "Enter the name of the person who takes part."
NO_ADDRESS = "This is no email address that we can write to. It may also stay empty."
NOT_CONFIRMED = "Only a confirmed place can be handed on to another person."
SAME_PERSON = "This person takes part already. Nothing has changed."
CAUSE = "The school changed who takes part."


@dataclass(frozen=True)
class NewParticipant:
    """Who takes part from now on. `email` may be empty. `tell`: both people get a mail."""

    name: str
    email: str = ""
    tell: bool = True

    def cleaned(self) -> "NewParticipant":
        """Return it with trimmed values. Raises Invalid."""
        name, errors = clean_line(self.name, MAX_NAME).strip(), []
        email = mail_address(self.email)
        if not name:
            errors.append(FieldError("/name", NO_NAME))
        if self.email.strip() and not email:
            errors.append(FieldError("/email", NO_ADDRESS))
        if errors:
            raise Invalid(errors)
        return NewParticipant(name, email, self.tell)


async def change_participant(
    locked: LockedBookingAndCourse, payer: User, person: NewParticipant
) -> None:
    """Enter another participant, and tell both. Raises NotActionable.

    Somebody with the payer's own address has no other one: the payer gets the mails. With the
    payer's name too it is the payer who takes part.
    """
    booking = locked.booking
    if locked.place is not SeatState.CONFIRMED:
        raise NotActionable(NOT_CONFIRMED)
    before = (booking.participant_name, booking.participant_email)
    is_payers_address = person.email.casefold() == payer.email.casefold()
    email = "" if is_payers_address else person.email
    is_payer = not email and person.name == payer.name
    after = ("", "") if is_payer else (person.name, email)
    if after == before:
        raise NotActionable(SAME_PERSON)
    booking.participant_name, booking.participant_email = after
    booking.ticket_code = new_ticket_code()  # whoever has the old one takes part no more
    booking.updated_at = locked.now
    locked.change_entry()
    locked.note("participant_changed", CAUSE)
    if person.tell:
        await _tell(locked, before, after)


async def _tell(
    locked: LockedBookingAndCourse, before: tuple[str, str], after: tuple[str, str]
) -> None:
    occasion = new_id("chg")
    drafts = []
    if before[1] and before[1] != after[1]:
        drafts.append(locked.draft_to(before, MailKind.PLACE_HANDED_ON, occasion=occasion))
    if after[1]:
        drafts.append(locked.draft_to(after, MailKind.PLACE_FOR_YOU, occasion=occasion))
    await locked.work.outbox.enqueue_all(drafts, locked.now)
    if not before[1] and after[0]:
        await locked.enqueue_mail(MailKind.PLACE_HANDED_ON, occasion=occasion)
    elif not after[1]:
        await locked.enqueue_mail(MailKind.BOOKED, occasion=occasion)
