"""Parse the form of the payment page. The card number does not leave this module."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.parameters import EMAIL
from coursebook.sandbox.stripe.test_cards import CARDS, Card

INVALID = "Your card number is invalid."
NOT_A_TEST_NUMBER = (
    "Only the test numbers on this page can be used here. Never type a real card number."
)
CARDS_ONLY = "Bank accounts are not offered for this payment."
SHORT_CVC = "Your card's security code is incomplete."
MAX_EMAIL_LENGTH = 254
DECEMBER = 12
CENTURY = 100
BAD_EMAIL = "Please enter an email address, for example sam@example.test."


@dataclass(frozen=True)
class FormInput:
    """A submitted form: its card, its email and an error message per field."""

    card: Card | None
    email: str
    errors: Mapping[str, str] = field(default_factory=dict)


def read_form(form: Mapping[str, str], session: Body, now: float) -> FormInput:
    """Return the validated form for a session at `now` (epoch seconds)."""
    errors: dict[str, str] = {}
    email = form.get("email", "").strip()
    if not EMAIL.fullmatch(email) or len(email) > MAX_EMAIL_LENGTH:
        errors["email"] = BAD_EMAIL
    if session["amount_total"] == 0:
        return FormInput(None, email, errors)
    card, problem = card_of(form.get("number", ""))
    if card and card.method not in session["payment_method_types"]:
        card, problem = None, CARDS_ONLY
    if problem:
        errors["number"] = problem
    if card is None or not card.debit:
        errors |= _dates_and_code(form, card, datetime.fromtimestamp(now, UTC))
    return FormInput(card, email, errors)


def card_of(typed: str) -> tuple[Card | None, str]:
    """Return the test card of a number, or None and an error that does not repeat the number."""
    number = re.sub(r"[\s-]", "", typed).upper()
    if number in CARDS:
        return CARDS[number], ""
    if not re.fullmatch(r"\d{12,19}", number) or not _luhn(number):
        return None, INVALID
    return None, NOT_A_TEST_NUMBER


def _luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _dates_and_code(form: Mapping[str, str], card: Card | None, today: datetime) -> dict[str, str]:
    errors = {}
    problem = _expiry_problem(form.get("expiry", ""), today)
    if problem:
        errors["expiry"] = problem
    lengths = (3, 4) if card is None or card.brand == "amex" else (3,)
    code = form.get("cvc", "").strip()
    if not (code.isascii() and code.isdigit() and len(code) in lengths):
        errors["cvc"] = SHORT_CVC
    return errors


def _expiry_problem(typed: str, today: datetime) -> str:
    match = re.fullmatch(r"(\d{1,2})\s*[/ -]\s*(\d{2}|\d{4})|(\d{2})(\d{2})", typed.strip())
    if not match:
        return "Your card's expiration date is incomplete; write it as MM / YY."
    month, year = int(match[1] or match[3]), int(match[2] or match[4])
    year += 2000 if year < CENTURY else 0
    if not 1 <= month <= DECEMBER:
        return "Your card's expiration month is invalid."
    if (year, month) < (today.year, today.month):
        return "Your card's expiration date is in the past."
    if year > today.year + 50:
        return "Your card's expiration year is invalid."
    return ""
