"""The doctor's look at Stripe: key, mode, clock, the address for events, what did not arrive."""

from datetime import datetime
from urllib.parse import urlsplit

from coursebook.payments.gateway import GatewayError, StripeRefused
from coursebook.payments.stripe_checkup import Endpoint, StripeCheckup, our_api_version
from coursebook.run.doctor.result import Finding, fine, note, wrong
from coursebook.settings import LOOPBACK, Settings

MOST_SECONDS_APART = 60
"""Signatures are good for 300 seconds, so a clock may not be far from Stripe's."""
WEBHOOK = "/api/stripe/webhook"


async def account(stripe: StripeCheckup, settings: Settings, now: datetime) -> list[Finding]:
    """Try the key, and compare mode and clock with Stripe's."""
    try:
        found = await stripe.account()
    except StripeRefused as problem:
        remedy = "copy STRIPE_SECRET_KEY again; a restricted key needs “Balance: read”"
        return [wrong("stripe key", str(problem), remedy)]
    except GatewayError as problem:
        return [
            wrong("stripe key", f"no answer ({problem})", "can this machine reach api.stripe.com?")
        ]
    if found.livemode != settings.is_live:
        return [
            wrong("stripe key", "Stripe says the key is of the other mode", "copy the key again")
        ]
    key = fine("stripe key", f"good, {'live' if found.livemode else 'test'} mode")
    return [key, _clock(found.now, now)]


def _clock(theirs: datetime | None, ours: datetime) -> Finding:
    if theirs is None:
        return note("clock", "Stripe did not say what time it is")
    apart = round(abs((ours - theirs).total_seconds()))
    if apart > MOST_SECONDS_APART:
        remedy = "synchronise the clock (systemd-timesyncd, chrony)"
        return wrong("clock", f"{apart} s away from Stripe's", remedy)
    return fine("clock", f"{apart} s away from Stripe's")


async def endpoint(stripe: StripeCheckup, settings: Settings) -> Finding:
    """Look whether Stripe sends events to us: address, events, API version."""
    try:
        known = await stripe.endpoints()
    except StripeRefused:
        remedy = "give the restricted key “Webhook Endpoints: read”, or look in the Dashboard"
        return note("stripe events", "the key may not list the webhook endpoints", remedy)
    except GatewayError as problem:
        return wrong(
            "stripe events", f"no answer ({problem})", "can this machine reach api.stripe.com?"
        )
    ours = [one for one in known if is_us(one.url, settings.public_url)]
    if not ours:
        return _nowhere(settings)
    return _judged(ours[0])


def is_us(url: str, public_url: str) -> bool:
    """Tell whether an address of Stripe's list is our webhook; on one machine names may differ."""
    there, here = urlsplit(url), urlsplit(public_url)
    if there.path != WEBHOOK:
        return False
    same_machine = there.hostname in LOOPBACK and here.hostname in LOOPBACK
    return (there.scheme, there.port) == (here.scheme, here.port) and (
        same_machine or there.hostname == here.hostname
    )


def _nowhere(settings: Settings) -> Finding:
    remedy = f"add the endpoint {settings.public_url}{WEBHOOK} in the Dashboard (Developers)"
    seen = "Stripe knows no endpoint with our address"
    if urlsplit(settings.public_url).hostname in LOOPBACK:
        return note("stripe events", f"{seen}; that is fine with `stripe listen`", remedy)
    return wrong("stripe events", seen, remedy)


def _judged(ours: Endpoint) -> Finding:
    if not ours.is_enabled:
        return wrong("stripe events", "the endpoint is disabled", "enable it in the Dashboard")
    if ours.missing():
        seen = f"the endpoint is not sent {', '.join(ours.missing())}"
        return wrong("stripe events", seen, "add these events in the Dashboard")
    if ours.api_version not in (None, our_api_version()):
        seen = f"all events, in API version {ours.api_version}; we use {our_api_version()}"
        return note("stripe events", seen, "recreate the endpoint when convenient")
    return fine("stripe events", "the endpoint is enabled and receives every event we need")


async def undelivered(stripe: StripeCheckup) -> Finding:
    """Count what Stripe could not tell us in the last 30 days."""
    try:
        count = await stripe.undelivered()
    except StripeRefused:
        remedy = "give the restricted key “Events: read”"
        return note("undelivered", "the key may not list events", remedy)
    except GatewayError as problem:
        return wrong(
            "undelivered", f"no answer ({problem})", "can this machine reach api.stripe.com?"
        )
    if count:
        remedy = "Stripe tries again for three days; then run `coursebook reconcile`"
        return note("undelivered", f"{count} events did not reach every endpoint", remedy)
    return fine("undelivered", "none in 30 days")
