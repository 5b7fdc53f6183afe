"""The mail to operators about a new entry of the money inbox."""

from dataclasses import dataclass

from coursebook.domain.inbox import InboxAction
from coursebook.mail.messages import HTML, Mail

ACTION_TEXTS: dict[InboxAction, str] = {
    InboxAction.REFUND: "gives back what we still have of the payment",
    InboxAction.ASK_STRIPE: "checks the current state at Stripe",
    InboxAction.TRY_AGAIN: "tries again now",
    InboxAction.ACCEPT: "leaves everything as it is",
}
"""The effect of each action, in a few words."""


@dataclass(frozen=True)
class EntryFacts:
    """The facts of the mail. `entry_url` is the entry's page; `booking_id` "" means no booking.

    `amount` is text, "" when the entry is not about an amount.
    """

    cause: str
    money: str
    detail: str
    amount: str
    action: InboxAction
    booking_id: str
    entry_url: str


def inbox_entry(to: str, facts: EntryFacts) -> Mail:
    """Return the mail: the cause, the state of the money, and the available action."""
    subject = f"Money inbox: {facts.cause.removesuffix('.')}"
    offer = (
        f"The one safe action for this entry, carried out at most once, is “{facts.action}”: it "
        f"{ACTION_TEXTS[facts.action]}. If the cause goes away, the entry closes automatically."
    )
    paragraphs = (f"{facts.cause} {facts.money}", facts.detail, offer)
    rows = {"Amount": facts.amount, "Booking": facts.booking_id}
    details = [(name, value) for name, value in rows.items() if value]
    lines = "\n".join(f"{name}: {value}" for name, value in details)
    values = {
        "subject": subject,
        "said": paragraphs,
        "details": details,
        "entry_url": facts.entry_url,
    }
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join(
            filter(None, ("Hello,", *paragraphs, lines, f"Open it: {facts.entry_url}"))
        )
        + "\n",
        html=HTML.get_template("operators.html").render(values),
    )
