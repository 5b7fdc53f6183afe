"""Discounts of a session: a coupon or a promotion code reduces the amount to pay."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.coupons import CODE, COUPON, active_code, save_with_expiry
from coursebook.sandbox.stripe.currencies import CURRENCIES, written
from coursebook.sandbox.stripe.resources import load

NULL_KEYS = "customer customer_account end invoice invoice_item subscription subscription_item"
NOT_VALID = "This code is invalid."


def apply_parameter(context: Context, session: Body, discounts: list[dict[str, str]]) -> None:
    """Apply the `discounts` of a create call. Raises `StripeRefusal`."""
    for row in discounts:
        if len(row) != 1:
            sentence = "A discount is a coupon or a promotion_code."
            raise StripeRefusal(sentence, param="discounts[0]")
        if "coupon" in row:
            coupon, code = load(context, COUPON, row["coupon"], "discounts[0][coupon]"), None
        else:
            code = load(context, CODE, row["promotion_code"], "discounts[0][promotion_code]")
            coupon = load(context, COUPON, code["promotion"]["coupon"], "discounts[0]")
        apply(context, session, coupon, code)


def apply_promotion_code(context: Context, session: Body, text: str) -> None:
    """Apply a code that a buyer entered. Raises `StripeRefusal` with a message for the page."""
    code = active_code(context, text.strip())
    if code is None or not session["allow_promotion_codes"]:
        raise StripeRefusal(NOT_VALID, param="code")
    apply(context, session, load(context, COUPON, code["promotion"]["coupon"], "code"), code)


def apply(context: Context, session: Body, coupon: Body, code: Body | None) -> None:
    """Reduce the amounts of a session. Raises `StripeRefusal` if the discount does not apply."""
    _check(session, coupon, code)
    subtotal, currency = session["amount_subtotal"], session["currency"]
    off = discount_of(coupon, subtotal)
    total, minimum = subtotal - off, CURRENCIES[currency].minimum
    if 0 < total < minimum:
        sentence = f"With this discount {written(total, currency)} is left; at least"
        raise StripeRefusal(f"{sentence} {written(minimum, currency)} can be paid.", param="code")
    promotion = code["id"] if code else None
    session["discounts"] = [{"coupon": coupon["id"], "promotion_code": promotion}]
    session["_discount"] = _new(session["id"], coupon["id"], promotion, context.clock.seconds())
    session["_discount_word"] = code["code"] if code else coupon["name"] or coupon["id"]
    _set_amounts(session, off)


def remove(session: Body) -> None:
    """Remove the discount."""
    session |= {"discounts": [], "_discount": None, "_discount_word": ""}
    _set_amounts(session, 0)


def redeem(context: Context, session: Body) -> None:
    """Count the redemption of a completed session."""
    for row in session["discounts"]:
        for kind in (COUPON, CODE):
            body = context.store.get(kind, row[kind] or "")
            if body is None:
                continue
            body["times_redeemed"] += 1
            if body["max_redemptions"] and body["times_redeemed"] >= body["max_redemptions"]:
                body["valid" if kind == COUPON else "active"] = False
            save_with_expiry(context, body)


def discount_of(coupon: Body, subtotal: int) -> int:
    """Return the discount of a coupon in minor units, at most `subtotal`."""
    if coupon["percent_off"] is None:
        return min(int(coupon["amount_off"]), subtotal)
    share = Decimal(str(coupon["percent_off"])) * subtotal / 100
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def _check(session: Body, coupon: Body, code: Body | None) -> None:
    if not coupon["valid"] or (code is not None and not code["active"]):
        raise StripeRefusal(NOT_VALID, param="code")
    if coupon["currency"] not in (None, session["currency"]):
        raise StripeRefusal("This code is for another currency.", param="code")
    rules: dict[str, Any] = code["restrictions"] if code else {}
    minimum = rules.get("minimum_amount")
    if minimum is None:
        return
    if rules["minimum_amount_currency"] not in (None, session["currency"]):
        raise StripeRefusal("This code is for another currency.", param="code")
    if session["amount_subtotal"] < minimum:
        sentence = f"This code is for {written(minimum, session['currency'])} and more."
        raise StripeRefusal(sentence, param="code")


def _set_amounts(session: Body, off: int) -> None:
    """Set the totals, and distribute the discount over the line items by amount."""
    subtotal, rest = session["amount_subtotal"], off
    items = session["_line_items"]
    for item in items:
        is_last = item is items[-1]
        share = rest if is_last else off * item["amount_subtotal"] // max(subtotal, 1)
        item |= {"amount_discount": share, "amount_total": item["amount_subtotal"] - share}
        rest -= share
    session["amount_total"] = subtotal - off
    session["total_details"]["amount_discount"] = off
    session["payment_status"] = "unpaid" if session["amount_total"] else "no_payment_required"


def _new(session: str, coupon: str, code: str | None, now: int) -> Body:
    return {
        **dict.fromkeys(NULL_KEYS.split()),
        "id": new_id("di_"),
        "object": "discount",
        "checkout_session": session,
        "promotion_code": code,
        "source": {"coupon": coupon, "type": "coupon"},
        "start": now,
    }
