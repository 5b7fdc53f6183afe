"""The mail to operators: an entry of the money inbox, about which a person has to decide."""

from dataclasses import dataclass

from coursebook.domain.inbox import InboxAction
from coursebook.mail.messages import HTML, Mail

OFFERS: dict[InboxAction, str] = {
    InboxAction.REFUND: "gives back what we still have of the payment",
    InboxAction.ASK_STRIPE: "looks again how it stands at Stripe",
    InboxAction.TRY_AGAIN: "tries once more, now",
    InboxAction.ACCEPT: "leaves everything as it is",
}
"""What each action does, in a few words."""


@dataclass(frozen=True)
class EntryFacts:
    """What the mail says. `entry_url` is its address in the API; `booking_id` "": of no booking."""

    cause: str
    money: str
    detail: str
    action: InboxAction
    booking_id: str
    entry_url: str


def inbox_entry(to: str, facts: EntryFacts) -> Mail:
    """Somebody has to decide: why, what happened to the money, what can be done from here."""
    subject = f"Money inbox: {facts.cause.removesuffix('.')}"
    offer = (
        f"What can be done from here, safely and at most once: «{facts.action}», which "
        f"{OFFERS[facts.action]}. If the cause goes away, the entry closes by itself."
    )
    said = (f"{facts.cause} {facts.money}", facts.detail, offer)
    details = [("Entry", facts.entry_url)]
    if facts.booking_id:
        details.append(("Booking", facts.booking_id))
    lines = "\n".join(f"{name}: {value}" for name, value in details)
    values = {"subject": subject, "said": said, "details": details}
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join(("Hello,", *said, lines)) + "\n",
        html=HTML.get_template("operators.html").render(values),
    )
