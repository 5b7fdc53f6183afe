"""The operations of the API."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe import (
    balance,
    checkout_sessions,
    coupons,
    disputes,
    events,
    payment_objects,
    payouts,
    refunds,
    webhook_endpoints,
)
from coursebook.sandbox.stripe import session_params as session
from coursebook.sandbox.stripe.parameters import Check


@dataclass(frozen=True)
class Operation:
    """One operation: its method, path, parameter check and function."""

    method: str
    path: str
    check: Check
    act: Callable[..., Body]


OPERATIONS = (
    Operation("POST", "/v1/checkout/sessions", session.CREATE, checkout_sessions.create),
    Operation("GET", "/v1/checkout/sessions", session.LIST, checkout_sessions.listing),
    Operation("GET", "/v1/checkout/sessions/{id}", session.RETRIEVE, checkout_sessions.retrieve),
    Operation("POST", "/v1/checkout/sessions/{id}", session.UPDATE, checkout_sessions.update),
    Operation(
        "POST", "/v1/checkout/sessions/{id}/expire", session.EXPIRE, checkout_sessions.expire
    ),
    Operation(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        session.LINE_ITEMS,
        checkout_sessions.line_items,
    ),
    Operation(
        "GET", "/v1/payment_intents", payment_objects.LIST_INTENTS, payment_objects.list_intents
    ),
    Operation(
        "GET",
        "/v1/payment_intents/{id}",
        payment_objects.RETRIEVE_INTENT,
        payment_objects.retrieve_intent,
    ),
    Operation("GET", "/v1/charges", payment_objects.LIST_CHARGES, payment_objects.list_charges),
    Operation(
        "GET", "/v1/charges/{id}", payment_objects.RETRIEVE_CHARGE, payment_objects.retrieve_charge
    ),
    Operation("POST", "/v1/refunds", refunds.CREATE, refunds.create),
    Operation("GET", "/v1/refunds", refunds.LIST, refunds.listing),
    Operation("GET", "/v1/refunds/{id}", refunds.RETRIEVE, refunds.retrieve),
    Operation("POST", "/v1/refunds/{id}", refunds.UPDATE, refunds.update),
    Operation("POST", "/v1/refunds/{id}/cancel", refunds.CANCEL, refunds.cancel),
    Operation("GET", "/v1/disputes", disputes.LIST, disputes.listing),
    Operation("GET", "/v1/disputes/{id}", disputes.RETRIEVE, disputes.retrieve),
    Operation("POST", "/v1/disputes/{id}", disputes.UPDATE, disputes.update),
    Operation("POST", "/v1/disputes/{id}/close", disputes.CLOSE, disputes.close),
    Operation("GET", "/v1/events", events.LIST, events.listing),
    Operation("GET", "/v1/events/{id}", events.RETRIEVE, events.retrieve),
    Operation("POST", "/v1/coupons", coupons.CREATE, coupons.create),
    Operation("GET", "/v1/coupons/{id}", coupons.RETRIEVE, coupons.retrieve),
    Operation("POST", "/v1/promotion_codes", coupons.CREATE_CODE, coupons.create_code),
    Operation("GET", "/v1/promotion_codes", coupons.LIST_CODES, coupons.list_codes),
    Operation("GET", "/v1/promotion_codes/{id}", coupons.RETRIEVE, coupons.retrieve_code),
    Operation("POST", "/v1/webhook_endpoints", webhook_endpoints.CREATE, webhook_endpoints.create),
    Operation("GET", "/v1/webhook_endpoints", webhook_endpoints.LIST, webhook_endpoints.listing),
    Operation(
        "GET",
        "/v1/webhook_endpoints/{id}",
        webhook_endpoints.RETRIEVE,
        webhook_endpoints.retrieve,
    ),
    Operation(
        "POST", "/v1/webhook_endpoints/{id}", webhook_endpoints.UPDATE, webhook_endpoints.update
    ),
    Operation(
        "DELETE", "/v1/webhook_endpoints/{id}", webhook_endpoints.DELETE, webhook_endpoints.delete
    ),
    Operation("GET", "/v1/balance", balance.RETRIEVE, balance.retrieve),
    Operation("GET", "/v1/balance_transactions", balance.LIST, balance.listing),
    Operation(
        "GET",
        "/v1/balance_transactions/{id}",
        balance.RETRIEVE_MOVEMENT,
        balance.retrieve_movement,
    ),
    Operation("GET", "/v1/payouts", payouts.LIST, payouts.listing),
    Operation("GET", "/v1/payouts/{id}", payouts.RETRIEVE, payouts.retrieve),
)


def find(method: str, path: str) -> tuple[Operation, tuple[Any, ...]] | None:
    """Return the operation of a path with the ids in it, or None."""
    for operation in OPERATIONS:
        pattern = operation.path.replace("{id}", "([^/]+)")
        match = re.fullmatch(pattern, path.rstrip("/"))
        if match and operation.method == method:
            return operation, match.groups()
    return None
