"""The doctor's look at ourselves: database, Redis, worker, sign-in, mail, address, webhook."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from coursebook.errors import CoursebookError
from coursebook.identity.clerk import MAX_AHEAD_SECONDS
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.payments.stripe_checkup import signed_event
from coursebook.persistence.maintenance.migrate import NewerTables, refuse_newer
from coursebook.persistence.repositories.statistics import Statistics
from coursebook.persistence.unit_of_work import reading
from coursebook.run.doctor.result import Finding, fine, judged_clock, note, wrong
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
    """Say which money it is about."""
    if settings.is_sandbox:
        return fine("mode", "sandbox: no money moves")
    if settings.is_live:
        return fine("mode", "live keys: real money")
    return note("mode", "test keys of Stripe: no money moves")


async def tables(settings: Settings) -> Finding | None:
    """Say that the tables are of a newer coursebook: then nothing else can be looked at."""
    try:
        await refuse_newer(settings.async_database_url)
    except NewerTables as problem:
        return wrong("migrations", str(problem), "see docs/ops/deployment.md")
    except Exception:  # noqa: BLE001 - what is wrong with the database is said below
        return None
    return None


async def parts(services: Services) -> list[Finding]:
    """Say what `/api/ready` says, with the way out."""
    found = await services.health.ready()
    return [
        fine(part, said) if said in ("ok", "not used") else wrong(part, said, REMEDIES[part])
        for part, said in found.parts.items()
    ]


async def connections(services: Services) -> list[Finding]:
    """Compare what our processes may take of PostgreSQL's connections with what there are."""
    settings, database = services.settings, services.tools.database
    if database.is_sqlite or settings.database_pooler:
        return []
    try:
        async with reading(database) as work:
            most = await Statistics(work.session).max_connections()
    except CoursebookError:
        return []  # «database» says so
    each, processes = connections_of(settings), processes_of(settings)
    seen = f"{processes} processes with {each} connections each; PostgreSQL allows us {most}"
    if each * processes + FOR_COMMANDS > most:
        remedy = "lower DATABASE_CONNECTIONS or PROCESSES, or raise max_connections"
        return [wrong("connections", seen, remedy)]
    return [fine("connections", seen)]


async def sign_in(services: Services) -> Finding:
    """Look for the keys that session tokens are checked with."""
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
    """Say which installation the database belongs to; with real keys only to one address."""
    settings = services.settings
    try:
        async with reading(services.tools.database) as work:
            row = await work.installations.find()
    except Exception:  # noqa: BLE001 - tables that are not there yet are told of above
        return note("installation", "not known")
    if row is None:
        return note("installation", "none yet: the first start creates it")
    if settings.has_keys and row.has_keys and row.public_address != settings.public_url:
        problem = AnotherAddress(row.public_address, settings.public_url)
        return wrong("installation", problem.remedy, "say which it is")
    return fine("installation", f"{row.id} at {row.public_address}")


async def sign_in_clock(services: Services) -> Finding:
    """Compare our clock with the one of whoever issues session tokens."""
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
    return judged_clock("sign-in clock", services.clock() - theirs, MAX_AHEAD_SECONDS)


async def mail(settings: Settings) -> Finding:
    """Greet the mail server; nothing is sent."""
    if not settings.smtp_url:
        return note("mail", "not set: no mail is sent", "set SMTP_URL")
    try:
        await SmtpSender(settings.smtp_url, settings.mail_from).check_connection()
    except MailNotSent as problem:
        return wrong("mail", str(problem), "is SMTP_URL right: host, port, user, password, TLS?")
    return fine("mail", "the server accepts us")


async def money_inbox(services: Services) -> Finding:
    """Say how much waits for a person, and whether anybody is told by mail."""
    try:
        async with reading(services.tools.database) as work:
            waiting = await Statistics(work.session).money_inbox()
    except CoursebookError:
        return note("money inbox", "not known: the database does not answer")
    seen = "empty"
    if waiting.count:
        seen = f"{waiting.count} for a person to decide, the oldest of {waiting.since:%Y-%m-%d}"
        return note("money inbox", seen, "docs/ops/stripe-integration.md says what to do with each")
    if not services.settings.operator_email:
        return note("money inbox", seen, "set OPERATOR_EMAIL to get new entries by email")
    return fine("money inbox", seen)


async def backups(services: Services) -> Finding:
    """Say how old the last good copy is; with real keys an old one is an alarm."""
    hours = services.settings.backup_hours
    try:
        async with reading(services.tools.database) as work:
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
    seen = f"the last good one is {age.total_seconds() / 3600:.0f} h old"
    return say("backup", seen, remedy) if age > timedelta(hours=hours) else fine("backup", seen)


async def address(settings: Settings) -> Finding:
    """Call ourselves at the address that browsers and Stripe use."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            answer = await client.get(f"{settings.public_url}/api/health")
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        seen = f"{settings.public_url} does not answer ({type(problem).__name__})"
        return wrong("address", seen, "is it running, and do DNS, TLS and the proxy lead to it?")
    if answer.status_code != httpx.codes.OK or "status" not in answer.text:
        seen = f"{settings.public_url} answers {answer.status_code}, but not as coursebook"
        return wrong("address", seen, "is PUBLIC_URL right, and does the proxy pass everything?")
    return fine("address", settings.public_url)


def proxies(settings: Settings) -> Finding:
    """Say whose network address limits count by.

    We speak no TLS ourselves: at an https address a proxy stands in front, and with
    TRUSTED_PROXIES=0 everybody has its address.
    """
    trusted = settings.trusted_proxies
    if trusted == 0 and settings.public_url.startswith("https://"):
        seen = "0, although https means a proxy: limits count all visitors as one"
        return note("proxies", seen, "set TRUSTED_PROXIES to the number of your proxies")
    return fine("proxies", f"{trusted} of ours in front")


async def webhook(services: Services) -> Finding:
    """Send ourselves an event without meaning, with each secret, and look for it in our books."""
    settings = services.settings
    for number, secret in enumerate(settings.stripe_webhook_secret, 1):
        event = signed_event(secret, services.clock(), livemode=settings.is_live)
        status = await _deliver(settings, event.body, event.signature)
        if status != httpx.codes.OK:
            seen = f"secret {number}: our own event was answered {status or 'not at all'}"
            remedy = "does the running product have the same STRIPE_WEBHOOK_SECRET, and does the "
            return wrong("webhook", seen, f"{remedy}proxy pass the body of {WEBHOOK} unchanged?")
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
        async with reading(services.tools.database) as work:
            return await work.events.find(event_id) is not None
    except CoursebookError:
        return False
