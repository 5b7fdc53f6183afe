"""The mail to operators: an entry of the money inbox, about which a person has to decide."""

from dataclasses import dataclass

from coursebook.domain.inbox import InboxAction
from coursebook.mail.messages import HTML, Mail

OFFERS: dict[InboxAction, str] = {
    InboxAction.REFUND: "gives back what we still have of the payment",
    InboxAction.ASK_STRIPE: "checks the current state at Stripe",
    InboxAction.TRY_AGAIN: "tries again now",
    InboxAction.ACCEPT: "leaves everything as it is",
}
"""What each action does, in a few words."""


@dataclass(frozen=True)
class EntryFacts:
    """What the mail says. `entry_url` is the entry's page; `booking_id` "": of no booking.

    `amount` is in words, "" for what is not about a sum.
    """

    cause: str
    money: str
    detail: str
    amount: str
    action: InboxAction
    booking_id: str
    entry_url: str


def inbox_entry(to: str, facts: EntryFacts) -> Mail:
    """Somebody has to decide: why, what happened to the money, what can be done from here."""
    subject = f"Money inbox: {facts.cause.removesuffix('.')}"
    offer = (
        f"The one safe action for this entry, carried out at most once, is “{facts.action}”: it "
        f"{OFFERS[facts.action]}. If the cause goes away, the entry closes automatically."
    )
    said = (f"{facts.cause} {facts.money}", facts.detail, offer)
    about = {"Amount": facts.amount, "Booking": facts.booking_id}
    details = [(name, value) for name, value in about.items() if value]
    lines = "\n".join(f"{name}: {value}" for name, value in details)
    values = {"subject": subject, "said": said, "details": details, "entry_url": facts.entry_url}
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join(filter(None, ("Hello,", *said, lines, f"Open it: {facts.entry_url}")))
        + "\n",
        html=HTML.get_template("operators.html").render(values),
    )
