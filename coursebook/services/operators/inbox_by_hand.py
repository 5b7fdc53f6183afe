"""The actions of inbox entries about money that is taken or given back by hand."""

from coursebook.domain.booking import EndCause
from coursebook.domain.inbox import InboxAction, Resolution
from coursebook.errors import NotActionable
from coursebook.mail.kinds import MailKind
from coursebook.persistence.schema.tables import MoneyInboxEntry
from coursebook.services.bookings.offline_payments import end_place, mark_given_back
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.manage.by_hand.receipts import confirm_on_trust
from coursebook.services.settlement.inbox_entries import close_entry

BY_HAND = (InboxAction.GIVEN_BACK, InboxAction.GIVE_PLACE, InboxAction.GIVE_BACK)
"""The actions of this module."""


async def act_by_hand(
    locked: LockedBookingAndCourse, entry: MoneyInboxEntry, action: InboxAction
) -> None:
    """Carry out one of `BY_HAND`, and close the entry. Raises NotActionable."""
    if action is InboxAction.GIVEN_BACK:
        await give_back_done(locked, entry)
        return
    if action is InboxAction.GIVE_PLACE:
        await confirm_on_trust(locked, "The school gave the place for a part of the price.")
    else:
        await end_place(locked, EndCause.OPERATOR, "The school gave the part back.")
        await locked.enqueue_mail(MailKind.CANCELLED)
    await close_entry(locked.work, entry, Resolution.DONE, actor=locked.actor, now=locked.now)


async def give_back_done(
    locked: LockedBookingAndCourse, entry: MoneyInboxEntry, note: str = ""
) -> None:
    """Record that the money of an entry was given back by hand. Raises NotActionable."""
    payment = await locked.work.offline_payments.find(entry.subject_id or "")
    if payment is None:
        raise NotActionable
    await mark_given_back(locked, payment, locked.today, note=note)
