"""Coupons and their promotion codes: create, retrieve, list."""

import re
from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal, bad_parameter
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.currencies import CURRENCIES
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import (
    Check,
    Raw,
    choice,
    fields,
    flag,
    integer,
    metadata,
    only,
    text,
)
from coursebook.sandbox.stripe.resources import load, save, shown

COUPON, CODE = "coupon", "promotion_code"
PERCENT = re.compile(r"\d{1,3}(\.\d{1,2})?")
MAX_PERCENT = 100
CODE_LETTERS = re.compile(r"[A-Za-z0-9-]{1,500}")


def percent(value: Raw, param: str) -> int | float:
    """Accept more than 0 and at most 100, with up to two decimals."""
    if (
        not isinstance(value, str)
        or not PERCENT.fullmatch(value)
        or not 0 < float(value) <= MAX_PERCENT
    ):
        raise bad_parameter("Invalid percent: must be more than 0 and at most 100.", param)
    return float(value) if "." in value else int(value)


def code_text(value: Raw, param: str) -> str:
    """Accept letters, digits and dashes."""
    code = str(text(500)(value, param))
    if not CODE_LETTERS.fullmatch(code):
        raise bad_parameter("A code has letters, digits and dashes only.", param)
    return code


CREATED: dict[str, Check] = {
    **EXPAND,
    "id": text(200),
    "name": text(40),
    "amount_off": integer(1),
    "percent_off": percent,
    "currency": text(3),
    "duration": choice("forever once repeating"),
    "duration_in_months": integer(1),
    "max_redemptions": integer(1),
    "metadata": metadata,
    "redeem_by": integer(0),
}
CREATE = fields(CREATED, refused="applies_to currency_options")
RETRIEVE = fields(EXPAND)
PROMOTION = fields({"type": choice("coupon"), "coupon": text(200)}, required="type coupon")
RESTRICTIONS = fields(
    {
        "first_time_transaction": only(flag, allowed=False),
        "minimum_amount": integer(1),
        "minimum_amount_currency": text(3),
    },
    refused="currency_options",
)
CREATED_CODE: dict[str, Check] = {
    **EXPAND,
    "promotion": PROMOTION,
    "code": code_text,
    "active": flag,
    "expires_at": integer(0),
    "max_redemptions": integer(1),
    "metadata": metadata,
    "restrictions": RESTRICTIONS,
}
CREATE_CODE = fields(CREATED_CODE, required="promotion", refused="customer customer_account")
LISTED_CODES: dict[str, Check] = {
    **PAGED,
    "active": flag,
    "code": text(500),
    "coupon": text(200),
}
LIST_CODES = fields(LISTED_CODES, refused="customer customer_account")


def create(context: Context, params: dict[str, Any]) -> Body:
    """Create a coupon: an amount off or a percentage off."""
    if ("amount_off" in params) == ("percent_off" in params):
        raise bad_parameter("Must provide percent_off or amount_off, not both.", "percent_off")
    if "amount_off" in params and params.get("currency", "").lower() not in CURRENCIES:
        raise bad_parameter("You must pass a known currency with amount_off.", "currency")
    if (params.get("duration") == "repeating") != ("duration_in_months" in params):
        raise bad_parameter("duration_in_months belongs to duration=repeating.", "duration")
    key = params.get("id") or new_id("", 8)
    if context.store.get(COUPON, key):
        raise StripeRefusal("Coupon already exists.", code="resource_already_exists", param="id")
    now = context.clock.seconds()
    coupon: Body = {
        "id": key,
        "object": COUPON,
        "amount_off": params.get("amount_off"),
        "created": now,
        "currency": params["currency"].lower() if "amount_off" in params else None,
        "duration": params.get("duration", "once"),
        "duration_in_months": params.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": params.get("metadata", {}),
        "name": params.get("name"),
        "percent_off": params.get("percent_off"),
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": params.get("redeem_by", now + 1) > now,
    }
    return shown(context, save_with_expiry(context, coupon), params.get("expand", ()))


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one coupon."""
    return shown(context, load(context, COUPON, key, "coupon"), params.get("expand", ()))


def create_code(context: Context, params: dict[str, Any]) -> Body:
    """Create a code that buyers can enter on the payment page."""
    coupon = load(context, COUPON, params["promotion"]["coupon"], "promotion[coupon]")
    code_string = params.get("code") or new_id("", 8).upper()
    if active_code(context, code_string):
        sentence = "An active promotion code with `code: " + code_string + "` already exists."
        raise StripeRefusal(sentence, param="code")
    if not coupon["valid"]:
        raise StripeRefusal("This coupon can no longer be redeemed.", param="promotion[coupon]")
    rules = params.get("restrictions", {})
    code: Body = {
        "id": new_id("promo_"),
        "object": CODE,
        "active": params.get("active", True),
        "code": code_string,
        "created": context.clock.seconds(),
        "customer": None,
        "customer_account": None,
        "expires_at": params.get("expires_at"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": params.get("metadata", {}),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {
            "first_time_transaction": False,
            "minimum_amount": rules.get("minimum_amount"),
            "minimum_amount_currency": rules.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
        "_code": code_string.upper(),
    }
    return shown(context, save_with_expiry(context, code), params.get("expand", ()))


def retrieve_code(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one promotion code."""
    return shown(context, load(context, CODE, key, "promotion_code"), params.get("expand", ()))


def list_codes(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of promotion codes."""
    statuses = {True: "active", False: "inactive", None: None}
    where = (("promotion.coupon", params["coupon"]),) if "coupon" in params else ()
    only_codes = Filter(
        parent=params["code"].upper() if "code" in params else None,
        status=statuses[params.get("active")],
        where=where,
    )
    return page(context, CODE, "/v1/promotion_codes", params, only_codes)


def active_code(context: Context, code: str) -> Body | None:
    """Return the active promotion code with this text in any case, or None."""
    codes = context.store.find(CODE, Filter(parent=code.upper(), status="active"), limit=1)
    return codes[0] if codes else None


def save_with_expiry(context: Context, body: Body) -> Body:
    """Save a coupon or a code; a timer ends it at its expiry."""
    if body["object"] == COUPON:
        return save(context, body, due=body["redeem_by"] if body["valid"] else None)
    body["_status"] = "active" if body["active"] else "inactive"
    return save(context, body, due=body["expires_at"] if body["active"] else None)


def expire(context: Context, body: Body) -> None:
    """Deactivate a coupon or a code."""
    body["valid" if body["object"] == COUPON else "active"] = False
    save_with_expiry(context, body)
