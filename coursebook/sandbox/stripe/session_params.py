"""Parameters of the Checkout Session calls.

Checked at API version 2026-10-28.endive. `refused` lists parameters that Stripe has and the sandbox
does not support; every other name is unknown, as at Stripe.
"""

from coursebook.sandbox.stripe.pagination import CURSORS, EXPAND, PAGED
from coursebook.sandbox.stripe.parameters import (
    Check,
    changes,
    choice,
    email,
    fields,
    flag,
    integer,
    list_of,
    metadata,
    only,
    text,
    url,
)

OFF = only(flag, allowed=False)
SWITCHED_OFF = fields({"enabled": OFF}, required="enabled")
METHODS = list_of(text(60), 100)
LOCALES = (
    "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt"
    " nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)

PRODUCT_DATA = fields(
    {
        "name": text(250),
        "description": text(),
        "images": list_of(url, 8),
        "metadata": metadata,
        "unit_label": text(12),
    },
    required="name",
    refused="tax_code tax_details",
)
PRICE_DATA = fields(
    {
        "currency": text(3),
        "unit_amount": integer(0),
        "product_data": PRODUCT_DATA,
        "tax_behavior": choice("exclusive inclusive unspecified"),
    },
    required="currency unit_amount product_data",
    refused="product recurring unit_amount_decimal",
)
LINE_ITEM = fields(
    {"price_data": PRICE_DATA, "quantity": integer(1, 999_999), "metadata": metadata},
    required="price_data quantity",
    refused="adjustable_quantity price tax_rates",
)
PAYMENT_INTENT_DATA = fields(
    {
        "metadata": metadata,
        "description": text(1000),
        "receipt_email": email,
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
        "capture_method": only(choice("automatic automatic_async manual"), "automatic_async"),
    },
    refused="application_fee_amount on_behalf_of setup_future_usage shipping transfer_data"
    " transfer_group",
)
RECOVERY = fields({"enabled": OFF, "allow_promotion_codes": flag}, required="enabled")

DISCOUNT = fields({"coupon": text(200), "promotion_code": text(200)})

CREATED: dict[str, Check] = {
    **EXPAND,
    "mode": only(choice("payment setup subscription"), "payment"),
    "ui_mode": only(choice("elements embedded_page form hosted_page"), "hosted_page"),
    "line_items": list_of(LINE_ITEM, 100),
    "success_url": url,
    "cancel_url": url,
    "client_reference_id": text(200),
    "integration_identifier": text(200),
    "metadata": metadata,
    "payment_intent_data": PAYMENT_INTENT_DATA,
    "customer_email": email,
    "customer_creation": only(choice("always if_required"), "if_required"),
    "expires_at": integer(0),
    "submit_type": choice("auto book donate pay subscribe"),
    "locale": choice(LOCALES),
    "origin_context": choice("mobile_app web"),
    "allowed_payment_method_types": METHODS,
    "excluded_payment_method_types": METHODS,
    "adaptive_pricing": SWITCHED_OFF,
    "allow_promotion_codes": flag,
    "discounts": list_of(DISCOUNT, 1),
    "automatic_tax": SWITCHED_OFF,
    "after_expiration": fields({"recovery": RECOVERY}),
    "billing_address_collection": only(choice("auto required"), "auto"),
    "invoice_creation": SWITCHED_OFF,
    "phone_number_collection": SWITCHED_OFF,
    "payment_method_collection": only(choice("always if_required"), "if_required"),
}
REFUSED = (
    "branding_settings consent_collection currency custom_fields custom_text customer"
    " customer_account customer_update managed_payments name_collection optional_items"
    " payment_method_configuration payment_method_data payment_method_options permissions"
    " redirect_on_completion return_url saved_payment_method_options setup_intent_data"
    " shipping_address_collection shipping_options subscription_data tax_id_collection"
    " wallet_options"
)

CREATE = fields(CREATED, required="mode line_items success_url", refused=REFUSED)
RETRIEVE = fields(EXPAND)
EXPIRE = fields(EXPAND)
UPDATED: dict[str, Check] = {**EXPAND, "metadata": changes}
UPDATE = fields(
    UPDATED, refused="collected_information line_items payment_intent_data shipping_options"
)
LINE_ITEMS = fields(CURSORS)
LISTED: dict[str, Check] = {
    **PAGED,
    "status": choice("complete expired open"),
    "payment_intent": text(255),
    "customer_details": fields({"email": text(800)}, required="email"),
}
LIST = fields(LISTED, refused="customer customer_account payment_link subscription")
