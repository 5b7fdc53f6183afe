"""The doctor's checks of this installation: database, Redis, worker, sign-in, mail, webhook."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from coursebook.errors import CoursebookError
from coursebook.extensions.declaration import ExtensionError
from coursebook.extensions.loader import extensions
from coursebook.identity.clerk import MAX_AHEAD_SECONDS
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.payments.stripe_checkup import signed_event
from coursebook.persistence.maintenance.migrate import NewerTables, refuse_newer
from coursebook.persistence.repositories.statistics import Statistics
from coursebook.persistence.unit_of_work import reading
from coursebook.run.doctor.result import Finding, compare_clocks, fine, note, wrong
from coursebook.run.supervisor.capacity import connections_of, processes_of
from coursebook.services.installation import AnotherAddress
from coursebook.services.metrics import BACKUP
from coursebook.settings import LOOPBACK, Settings
from coursebook.wiring import Services

TIMEOUT_SECONDS = 10.0
FOR_COMMANDS = 3
"""Connections for this command, a backup and a reconciliation."""
WEBHOOK = "/api/stripe/webhook"
REMEDIES = {
    "database": "is it up, and is DATABASE_URL right?",
    "migrations": "run `coursebook migrate`",
    "redis": "is it up, and is REDIS_URL right?",
    "worker": "is the product running? The worker runs every WORKER_SECONDS",
}


def mode(settings: Settings) -> Finding:
    """Report whether real money moves."""
    if settings.is_sandbox:
        return fine("mode", "sandbox: no money moves")
    if settings.is_live:
        return fine("mode", "live keys: real money")
    return note("mode", "test keys of Stripe: no money moves")


def school_extensions() -> list[Finding]:
    """Report the extensions, nothing where there are none."""
    try:
        names = [extension.name for extension in extensions()]
    except ExtensionError as error:
        return [wrong("extensions", str(error), "see docs/extend.md")]
    return [fine("extensions", ", ".join(names))] if names else []


async def tables(settings: Settings) -> Finding | None:
    """Report tables of a newer coursebook, with which no other check works; else None."""
    try:
        await refuse_newer(settings.async_database_url)
    except NewerTables as error:
        return wrong("migrations", str(error), "see docs/ops/deployment.md")
    except Exception:  # noqa: BLE001 - `parts` reports what is wrong with the database
        return None
    return None


async def parts(services: Services) -> list[Finding]:
    """Report the parts of `/api/ready`, with a remedy for each that fails."""
    readiness = await services.health.ready()
    return [
        fine(part, status) if status in ("ok", "not used") else wrong(part, status, REMEDIES[part])
        for part, status in readiness.parts.items()
    ]


async def connections(services: Services) -> list[Finding]:
    """Compare the connections that our processes may open with PostgreSQL's limit."""
    settings, database = services.settings, services.context.database
    if database.is_sqlite or settings.database_pooler:
        return []
    try:
        async with reading(database) as work:
            max_connections = await Statistics(work.session).max_connections()
    except CoursebookError:
        return []  # the check of the database reports it
    each, processes = connections_of(settings), processes_of(settings)
    ours = f"{processes} processes with {each} connections each"
    observation = f"{ours}; PostgreSQL allows us {max_connections}"
    if each * processes + FOR_COMMANDS > max_connections:
        remedy = "lower DATABASE_CONNECTIONS or PROCESSES, or raise max_connections"
        return [wrong("connections", observation, remedy)]
    return [fine("connections", observation)]


async def sign_in(services: Services) -> Finding:
    """Fetch the keys that verify session tokens."""
    settings = services.settings
    if settings.clerk_jwt_key:
        return fine("sign-in", f"key given, issuer {settings.token_issuer}")
    try:
        await services.keys.key_for("")
    except CoursebookError:
        remedy = "is CLERK_PUBLISHABLE_KEY right, and can this machine reach that address?"
        return wrong("sign-in", f"no keys at {settings.token_issuer}", remedy)
    return fine("sign-in", f"keys of {settings.token_issuer}")


async def installation(services: Services) -> Finding:
    """Report which installation the database belongs to; with real keys its address must match."""
    settings = services.settings
    try:
        async with reading(services.context.database) as work:
            row = await work.installations.find()
    except Exception:  # noqa: BLE001 - `parts` reports missing tables
        return note("installation", "not known")
    if row is None:
        return note("installation", "none yet: the first start creates it")
    if settings.has_keys and row.has_keys and row.public_address != settings.public_url:
        error = AnotherAddress(row.public_address, settings.public_url)
        return wrong("installation", error.remedy, "say which it is")
    return fine("installation", f"{row.id} at {row.public_address}")


async def sign_in_clock(services: Services) -> Finding:
    """Compare our clock with the token issuer's."""
    issuer = services.settings.token_issuer
    local = urlsplit(issuer).hostname in LOOPBACK
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=not local) as client:
            answer = await client.get(f"{issuer}/.well-known/jwks.json")
    except (httpx.HTTPError, httpx.InvalidURL):
        return note("sign-in clock", f"not known: {issuer} does not answer")
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return note("sign-in clock", f"{issuer} did not say what time it is")
    return compare_clocks("sign-in clock", services.clock() - theirs, MAX_AHEAD_SECONDS)


async def mail(settings: Settings) -> Finding:
    """Connect to the mail server without sending anything."""
    if not settings.smtp_url:
        return note("mail", "not set: no mail is sent", "set SMTP_URL")
    try:
        await SmtpSender(settings.smtp_url, settings.mail_from).check_connection()
    except MailNotSent as error:
        return wrong("mail", str(error), "is SMTP_URL right: host, port, user, password, TLS?")
    return fine("mail", "the server accepts us")


async def money_inbox(services: Services) -> Finding:
    """Report the open entries of the money inbox, and whether operators get mail about them."""
    try:
        async with reading(services.context.database) as work:
            waiting = await Statistics(work.session).money_inbox()
    except CoursebookError:
        return note("money inbox", "not known: the database does not answer")
    observation = "empty"
    if waiting.count:
        observation = (
            f"{waiting.count} for a person to decide, the oldest of {waiting.since:%Y-%m-%d}"
        )
        return note(
            "money inbox", observation, "docs/ops/stripe-integration.md says what to do with each"
        )
    if not services.settings.operator_email:
        return note("money inbox", observation, "set OPERATOR_EMAIL to get new entries by email")
    return fine("money inbox", observation)


async def backups(services: Services) -> Finding:
    """Report the age of the last good backup; with live keys an old one is an error."""
    hours = services.settings.backup_hours
    try:
        async with reading(services.context.database) as work:
            last = await work.heartbeats.last(BACKUP)
    except CoursebookError:
        return note("backup", "not known: the database does not answer")
    if not hours:
        return note("backup", "not watched (BACKUP_HOURS is 0)")
    remedy = "run `coursebook backup FILE` daily: docs/ops/deployment.md"
    say = wrong if services.settings.is_live else note
    if last is None:
        return say("backup", "none yet", remedy)
    age = services.clock() - last
    observation = f"the last good one is {age.total_seconds() / 3600:.0f} h old"
    return (
        say("backup", observation, remedy)
        if age > timedelta(hours=hours)
        else fine("backup", observation)
    )


async def address(settings: Settings) -> Finding:
    """Call our API at PUBLIC_URL, as browsers and Stripe do."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.get(f"{settings.public_url}/api/health")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        observation = f"{settings.public_url} does not answer ({type(error).__name__})"
        return wrong(
            "address", observation, "is it running, and do DNS, TLS and the proxy lead to it?"
        )
    if answer.status_code != httpx.codes.OK or "status" not in answer.text:
        observation = f"{settings.public_url} answers {answer.status_code}, but not as coursebook"
        return wrong(
            "address", observation, "is PUBLIC_URL right, and does the proxy pass everything?"
        )
    return fine("address", settings.public_url)


def proxies(settings: Settings) -> Finding:
    """Check TRUSTED_PROXIES, which decides the network address that rate limits count by.

    coursebook serves no TLS, so an https address means that a proxy is in front. With
    TRUSTED_PROXIES=0 all visitors would share the proxy's address.
    """
    trusted = settings.trusted_proxies
    if trusted == 0 and settings.public_url.startswith("https://"):
        observation = "0, although https means a proxy: limits count all visitors as one"
        return note("proxies", observation, "set TRUSTED_PROXIES to the number of your proxies")
    return fine("proxies", f"{trusted} of ours in front")


async def webhook(services: Services) -> Finding:
    """Send a test event to our webhook, signed with each secret, and check that it is stored."""
    settings = services.settings
    for number, secret in enumerate(settings.stripe_webhook_secret, 1):
        event = signed_event(secret, services.clock(), livemode=settings.is_live)
        status = await _deliver(settings, event.body, event.signature)
        if status != httpx.codes.OK:
            observation = f"secret {number}: our own event was answered {status or 'not at all'}"
            remedy = "does the running product have the same STRIPE_WEBHOOK_SECRET, and does the "
            return wrong(
                "webhook", observation, f"{remedy}proxy pass the body of {WEBHOOK} unchanged?"
            )
        if not await _is_stored(services, event.id):
            remedy = "the product at PUBLIC_URL has another DATABASE_URL than this command"
            return wrong("webhook", "answered 200, but not in our database", remedy)
    return fine("webhook", "a signed event arrives and is stored")


async def _deliver(settings: Settings, body: str, signature: str) -> int:
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            url = f"{settings.public_url}{WEBHOOK}"
            return (await client.post(url, content=body, headers=headers)).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return 0


async def _is_stored(services: Services, event_id: str) -> bool:
    try:
        async with reading(services.context.database) as work:
            return await work.events.find(event_id) is not None
    except CoursebookError:
        return False
