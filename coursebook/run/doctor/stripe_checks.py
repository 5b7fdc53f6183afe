"""The doctor's checks of Stripe: key, mode, clock, webhook endpoint, undelivered events."""

from datetime import datetime
from urllib.parse import urlsplit

from coursebook.extensions.loader import payment_events
from coursebook.payments.gateway import GatewayError, StripeRefused
from coursebook.payments.stripe_checkup import Endpoint, StripeCheckup, our_api_version
from coursebook.run.doctor.result import Finding, fine, note, wrong
from coursebook.settings import LOOPBACK, Settings

MAX_CLOCK_DIFFERENCE = 60
"""Seconds. Signatures are valid for 300, so our clock must be close to Stripe's."""
WEBHOOK = "/api/stripe/webhook"


async def account(stripe: StripeCheckup, settings: Settings, now: datetime) -> list[Finding]:
    """Check the key, its mode, and our clock against Stripe's."""
    try:
        stripe_account = await stripe.account()
    except StripeRefused as error:
        remedy = "copy STRIPE_SECRET_KEY again; a restricted key needs “Balance: read”"
        return [wrong("stripe key", str(error), remedy)]
    except GatewayError as error:
        return [
            wrong("stripe key", f"no answer ({error})", "can this machine reach api.stripe.com?")
        ]
    if stripe_account.livemode != settings.is_live:
        return [
            wrong("stripe key", "Stripe says the key is of the other mode", "copy the key again")
        ]
    key = fine("stripe key", f"good, {'live' if stripe_account.livemode else 'test'} mode")
    return [key, _clock(stripe_account.now, now)]


def _clock(theirs: datetime | None, ours: datetime) -> Finding:
    if theirs is None:
        return note("clock", "Stripe did not say what time it is")
    difference = round(abs((ours - theirs).total_seconds()))
    if difference > MAX_CLOCK_DIFFERENCE:
        remedy = "synchronise the clock (systemd-timesyncd, chrony)"
        return wrong("clock", f"{difference} s away from Stripe's", remedy)
    return fine("clock", f"{difference} s away from Stripe's")


async def endpoint(stripe: StripeCheckup, settings: Settings) -> Finding:
    """Check our webhook endpoint at Stripe: address, events, API version."""
    try:
        endpoints = await stripe.endpoints()
    except StripeRefused:
        remedy = "give the restricted key “Webhook Endpoints: read”, or look in the Dashboard"
        return note("stripe events", "the key may not list the webhook endpoints", remedy)
    except GatewayError as error:
        return wrong(
            "stripe events", f"no answer ({error})", "can this machine reach api.stripe.com?"
        )
    ours = [endpoint for endpoint in endpoints if is_our_webhook(endpoint.url, settings.public_url)]
    if not ours:
        return _no_endpoint(settings)
    return _check_endpoint(ours[0])


def is_our_webhook(url: str, public_url: str) -> bool:
    """Tell whether `url` is our webhook; all names of the loopback address count as equal."""
    there, here = urlsplit(url), urlsplit(public_url)
    if there.path != WEBHOOK:
        return False
    same_machine = there.hostname in LOOPBACK and here.hostname in LOOPBACK
    return (there.scheme, there.port) == (here.scheme, here.port) and (
        same_machine or there.hostname == here.hostname
    )


def _no_endpoint(settings: Settings) -> Finding:
    remedy = f"add the endpoint {settings.public_url}{WEBHOOK} in the Dashboard (Developers)"
    observation = "Stripe knows no endpoint with our address"
    if urlsplit(settings.public_url).hostname in LOOPBACK:
        return note("stripe events", f"{observation}; that is fine with `stripe listen`", remedy)
    return wrong("stripe events", observation, remedy)


def _check_endpoint(ours: Endpoint) -> Finding:
    if not ours.is_enabled:
        return wrong("stripe events", "the endpoint is disabled", "enable it in the Dashboard")
    missing = ours.missing(payment_events())
    if missing:
        observation = f"the endpoint is not sent {', '.join(missing)}"
        return wrong("stripe events", observation, "add these events in the Dashboard")
    if ours.api_version not in (None, our_api_version()):
        observation = f"all events, in API version {ours.api_version}; we use {our_api_version()}"
        return note("stripe events", observation, "recreate the endpoint when convenient")
    return fine("stripe events", "the endpoint is enabled and receives every event we need")


async def undelivered(stripe: StripeCheckup) -> Finding:
    """Count the events of the last 30 days that Stripe could not deliver."""
    try:
        count = await stripe.undelivered()
    except StripeRefused:
        remedy = "give the restricted key “Events: read”"
        return note("undelivered", "the key may not list events", remedy)
    except GatewayError as error:
        return wrong(
            "undelivered", f"no answer ({error})", "can this machine reach api.stripe.com?"
        )
    if count:
        remedy = "Stripe tries again for three days; then run `coursebook reconcile`"
        return note("undelivered", f"{count} events did not reach every endpoint", remedy)
    return fine("undelivered", "none in 30 days")
