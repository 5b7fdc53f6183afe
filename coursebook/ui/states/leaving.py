"""Going to the payment page: the browser leaves us, in the same tab."""

import asyncio

import reflex as rx

from coursebook.services.views import CheckoutView

SECONDS = 4
"""How long a button stays busy while the browser goes; then it can be pressed again."""


def way_to(checkout: CheckoutView) -> rx.event.EventSpec:
    """Return the way to the payment page (or to our success page, for a free course)."""
    return rx.redirect(checkout.checkout_url)


async def while_gone() -> None:
    """Wait until the browser has gone."""
    await asyncio.sleep(SECONDS)
