"""PaymentIntents and charges: build, retrieve and list. Only the payment page makes them."""

from typing import Any
from zlib import crc32

from coursebook.sandbox.context import Context
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import Check, fields, text
from coursebook.sandbox.stripe.resources import load, shown
from coursebook.sandbox.stripe.session_objects import NO_ADDRESS
from coursebook.sandbox.stripe.test_cards import Card, Decline

RETRIEVE_INTENT = fields({**EXPAND, "client_secret": text(255)})
LIST_INTENTS = fields(PAGED, refused="customer customer_account")
RETRIEVE_CHARGE = fields(EXPAND)
LISTED_CHARGES: dict[str, Check] = {**PAGED, "payment_intent": text(255)}
LIST_CHARGES = fields(LISTED_CHARGES, refused="customer transfer_group")

EMPTY_IN_A_CHARGE = (
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "calculated_statement_descriptor",
    "customer",
    "failure_balance_transaction",
    "failure_code",
    "failure_message",
    "on_behalf_of",
    "outcome",
    "receipt_number",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "transfer_data",
    "transfer_group",
)


def retrieve_intent(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one PaymentIntent."""
    return shown(context, load(context, "payment_intent", key, "intent"), params.get("expand", ()))


def list_intents(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of PaymentIntents."""
    return page(context, "payment_intent", "/v1/payment_intents", params, Filter())


def retrieve_charge(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one charge."""
    return shown(context, load(context, "charge", key, "charge"), params.get("expand", ()))


def list_charges(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of charges."""
    only = Filter(parent=params.get("payment_intent"))
    return page(context, "charge", "/v1/charges", params, only)


def new_intent(session: Body, now: int) -> Body:
    """Return the PaymentIntent of a session, created at its first attempt."""
    key, data = new_id("pi_"), session["_payment"]
    return {
        "id": key,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{key}_secret_{new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": session["currency"],
        "customer": None,
        "customer_account": None,
        "description": data.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": session["livemode"],
        "metadata": data.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": session["payment_method_types"],
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        "_session": session["id"],
    }


def new_charge(intent: Body, card: Card, email: str, now: int, public_url: str) -> Body:
    """Return a `pending` charge."""
    key = new_id("py_" if card.debit else "ch_")
    return {
        **dict.fromkeys(EMPTY_IN_A_CHARGE),
        "id": key,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": {
            "address": dict(NO_ADDRESS),
            "email": email,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "captured": False,
        "created": now,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": intent["livemode"],
        "metadata": dict(intent["metadata"]),
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_"),
        "payment_method_details": method_details(card, intent["amount"]),
        "receipt_email": intent["receipt_email"],
        "receipt_url": f"{public_url}/receipts/{key}",
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
        "_card": card.name,
    }


def receipt_number(charge_id: str) -> str:
    """Return the number of the receipt that Stripe mails, such as `2451-7093`."""
    digits = f"{crc32(charge_id.encode()) % 10**8:08}"
    return f"{digits[:4]}-{digits[4:]}"


def method_details(card: Card, amount: int) -> Body:
    """Return `payment_method_details`: brand and last four digits, never the number."""
    if card.debit:
        bank = dict.fromkeys(("bank_code", "branch_code", "fingerprint", "mandate"))
        debit = {**bank, "country": card.number[:2], "last4": card.last4}
        return {"sepa_debit": debit, "type": "sepa_debit"}
    checks = {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": "fail" if card.decline and card.decline.code == "incorrect_cvc" else "pass",
    }
    challenge = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("", 20),
        "version": "2.2.0",
    }
    return {
        "card": {
            "amount_authorized": amount,
            "authorization_code": None,
            "brand": card.brand,
            "checks": checks,
            "country": card.country,
            "exp_month": 12,
            "exp_year": 2040,
            "extended_authorization": {"status": "disabled"},
            "fingerprint": None,
            "funding": "credit",
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": card.last4,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": card.brand,
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": challenge if card.challenge else None,
            "wallet": None,
        },
        "type": "card",
    }


def payment_error(decline: Decline, charge: str | None, method: str) -> Body:
    """Return `last_payment_error` for a failed attempt."""
    error: Body = {
        "code": decline.code,
        "message": decline.message,
        "type": "invalid_request_error" if charge is None else "card_error",
        "payment_method_type": method,
    }
    if charge is not None:
        error["charge"] = charge
    if decline.decline_code is not None:
        error["decline_code"] = decline.decline_code
    return error
