"""Build a Checkout Session and its line items from checked parameters."""

from typing import Any

from coursebook.sandbox.errors import StripeRefusal, bad_parameter
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.currencies import CURRENCIES, MAX_AMOUNT, written

MIN_LIFETIME = 30 * 60
MAX_LIFETIME = 24 * 3600
METHODS = ("card", "sepa_debit")
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def new_session(params: dict[str, Any], now: int, real_now: int, public_url: str) -> Body:
    """Return a new open session. Raises `StripeRefusal` if a rule of Stripe forbids it.

    The caller does not know the sandbox's clock, so `expires_at` is checked against the real time;
    the remaining time then runs by the sandbox's clock (`_closes_at`). Without it, both are 24
    hours of sandbox time ahead.
    """
    key = new_id("cs_test_", 58)
    items = [line_item(row, now, index) for index, row in enumerate(params["line_items"])]
    currency, total = _total(items)
    expires_at = _expiry(params, real_now) if "expires_at" in params else now + MAX_LIFETIME
    closes_at = expires_at + now - real_now if "expires_at" in params else expires_at
    email = params.get("customer_email")
    return {
        **_fixed(),
        "id": key,
        "allow_promotion_codes": params.get("allow_promotion_codes"),
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": currency,
        "customer_details": details(email) if email else None,
        "customer_email": email,
        "excluded_payment_method_types": params.get("excluded_payment_method_types"),
        "expires_at": expires_at,
        "integration_identifier": params.get("integration_identifier"),
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "origin_context": params.get("origin_context"),
        "payment_method_types": _methods(params, currency),
        "payment_status": "unpaid" if total else "no_payment_required",
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "url": f"{public_url}/c/pay/{key}",
        "_line_items": items,
        "_payment": params.get("payment_intent_data", {}),
        "_closes_at": closes_at,
        "_cancel_url": params.get("cancel_url"),
    }


def line_item(row: dict[str, Any], now: int, index: int) -> Body:
    """Return one line item with its price, as Stripe shows it."""
    price, name = row["price_data"], f"line_items[{index}][price_data]"
    currency = price["currency"].lower()
    if currency not in CURRENCIES:
        listed = ", ".join(CURRENCIES)
        sentence = f"Invalid currency: {currency}. The sandbox supports: {listed}."
        raise bad_parameter(sentence, f"{name}[currency]")
    total = price["unit_amount"] * row["quantity"]
    return {
        "id": new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": price["product_data"]["name"],
        "metadata": row.get("metadata", {}),
        "price": {
            "id": new_id("price_"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": now,
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": new_id("prod_", 14),
            "recurring": None,
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": row["quantity"],
    }


def products(session: Body, params: dict[str, Any]) -> list[Body]:
    """Return the products of the inline prices."""
    rows = zip(session["_line_items"], params["line_items"], strict=True)
    return [_product(item, row["price_data"]["product_data"]) for item, row in rows]


def _product(item: Body, data: dict[str, Any]) -> Body:
    price = item["price"]
    return {
        "id": price["product"],
        "object": "product",
        "active": False,
        "created": price["created"],
        "default_price": None,
        "description": data.get("description"),
        "images": data.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": data.get("metadata", {}),
        "name": data["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": data.get("unit_label"),
        "updated": price["created"],
        "url": None,
    }


def details(email: str) -> Body:
    """Return `customer_details` with the email address only."""
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": None,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _total(items: list[Body]) -> tuple[str, int]:
    if not items:
        raise bad_parameter(
            "Missing required param: line_items.", "line_items", "parameter_missing"
        )
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise bad_parameter("All line items must have the same currency.", "line_items")
    code, total = currencies.pop(), sum(item["amount_total"] for item in items)
    minimum = CURRENCIES[code].minimum
    if 0 < total < minimum:
        raise StripeRefusal(
            "The Checkout Session's total amount due must add up to at least"
            f" {written(minimum, code)} {code}",
            code="amount_too_small",
        )
    if total > MAX_AMOUNT:
        raise StripeRefusal(
            "The Checkout Session's total amount due must be no more than"
            f" {written(MAX_AMOUNT, code)} {code}",
            code="amount_too_large",
        )
    return code, total


def _expiry(params: dict[str, Any], real_now: int) -> int:
    expires_at = int(params["expires_at"])
    if expires_at < real_now + MIN_LIFETIME:
        rule = "at least 30 minutes from Checkout Session creation"
    elif expires_at > real_now + MAX_LIFETIME:
        rule = "less than 24 hours from Checkout Session creation"
    else:
        return expires_at
    raise StripeRefusal(f"The `expires_at` timestamp must be {rule}.", param="expires_at")


def _methods(params: dict[str, Any], currency: str) -> list[str]:
    offered = [name for name in METHODS if name == "card" or currency == "eur"]
    allowed = params.get("allowed_payment_method_types") or offered
    excluded = params.get("excluded_payment_method_types") or ()
    methods = [name for name in offered if name in allowed and name not in excluded]
    if not methods:
        raise bad_parameter(
            "No payment method types are left for this Checkout Session; the sandbox offers card,"
            " and sepa_debit for euro.",
            "allowed_payment_method_types",
        )
    return methods


def _fixed() -> Body:
    """Return the fields that are the same in every session."""
    return {
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": None,
        "customer_account": None,
        "customer_creation": "if_required",
        "discounts": [],
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }
