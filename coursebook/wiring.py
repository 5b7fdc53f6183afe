"""Build the services of a process from the settings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr, quote
from functools import partial
from typing import Any

from coursebook.counts import Counts
from coursebook.errors import Unavailable
from coursebook.extensions.loader import course_fields, mails, payment_events
from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import KeyRing
from coursebook.live.hub import Hub, transport_of
from coursebook.mail.facts import School
from coursebook.mail.i18n import check_texts
from coursebook.mail.look import Look
from coursebook.mail.smtp import SmtpSender
from coursebook.payments.checkout_url import CheckoutHosts
from coursebook.payments.gateway import Gateway
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.persistence.engine.databases import Database, open_database
from coursebook.persistence.maintenance.migrate import (
    NewerTables,
    head_revision,
    knows_revision,
    stored_revision,
)
from coursebook.persistence.unit_of_work import reading
from coursebook.school import SchoolError, read_school
from coursebook.services.authentication import Authentication
from coursebook.services.bookings.calendar_files import Calendars
from coursebook.services.bookings.dashboard import Dashboard
from coursebook.services.bookings.guest_claims import GuestClaims
from coursebook.services.bookings.student_bookings import Bookings
from coursebook.services.bookkeeping.parts import Bookkeeping
from coursebook.services.catalog.courses import Catalog
from coursebook.services.catalog.kept_answers import KeptAnswers
from coursebook.services.catalog.pictures import Pictures
from coursebook.services.check_in.lines import CheckIn
from coursebook.services.check_in.reports import AttendanceReports
from coursebook.services.check_in.snapshots import Snapshots
from coursebook.services.checkout.payment_start import Checkout
from coursebook.services.claims import Claims
from coursebook.services.context import Clock, Context
from coursebook.services.course_cancellation.cancellations import CourseCancellations
from coursebook.services.health import Health
from coursebook.services.idempotency import IdempotentReplies
from coursebook.services.installation import AnotherAddress, installation_of
from coursebook.services.manage.access import Access
from coursebook.services.manage.bookings import ManagedBookings
from coursebook.services.manage.by_hand.known_people import KnownPeople
from coursebook.services.manage.by_hand.manual_bookings import ManualBookings
from coursebook.services.manage.by_hand.offline_payments import OfflinePayments
from coursebook.services.manage.change_previews import ChangePreviews
from coursebook.services.manage.courses import ManagedCourses
from coursebook.services.manage.day.overview import SchoolDays
from coursebook.services.manage.history.course_history import CourseHistories
from coursebook.services.manage.history.school_history import SchoolHistories
from coursebook.services.manage.messaging.course_messages import CourseMessages
from coursebook.services.manage.messaging.message_passes import MessagePasses
from coursebook.services.manage.moving.booking_moves import BookingMoves
from coursebook.services.manage.readiness import Readiness
from coursebook.services.manage.repeating.course_repeats import CourseRepeats
from coursebook.services.manage.roster import Rosters
from coursebook.services.manage.roster_export import RosterExports
from coursebook.services.manage.roster_mails import RosterMails
from coursebook.services.manage.school_settings import SchoolProfile
from coursebook.services.manage.team import Team
from coursebook.services.metrics import Metrics
from coursebook.services.operators.booking_search import BookingSearches
from coursebook.services.operators.money_inbox import Inbox
from coursebook.services.outbox.runner import OutboxRunner
from coursebook.services.rate_limits import Limits, Rates
from coursebook.services.reconciliation.reconciler import Reconciler
from coursebook.services.settlement.webhooks import Webhooks
from coursebook.services.waiting_list.managed_lists import ManagedWaitingLists
from coursebook.services.waiting_list.place_offers import finish_transaction
from coursebook.services.waiting_list.student_entries import WaitingLists
from coursebook.settings import MAX_CONNECTIONS, Settings, SettingsError


@dataclass(frozen=True)
class Services:
    """The services that API, pages and worker call. One set for each process."""

    settings: Settings
    context: Context
    clock: Clock
    keys: KeyRing
    verifier: Verifier
    authentication: Authentication
    catalog: Catalog
    kept_answers: KeptAnswers
    pictures: Pictures
    bookings: Bookings
    dashboard: Dashboard
    calendars: Calendars
    checkout: Checkout
    webhooks: Webhooks
    bookkeeping: Bookkeeping
    school_days: SchoolDays
    outbox: OutboxRunner
    inbox: Inbox
    access: Access
    team: Team
    school_profile: SchoolProfile
    managed_bookings: ManagedBookings
    booking_moves: BookingMoves
    booking_searches: BookingSearches
    manual_bookings: ManualBookings
    known_people: KnownPeople
    offline_payments: OfflinePayments
    guest_claims: GuestClaims
    managed_courses: ManagedCourses
    course_repeats: CourseRepeats
    change_previews: ChangePreviews
    course_cancellations: CourseCancellations
    course_histories: CourseHistories
    school_histories: SchoolHistories
    course_messages: CourseMessages
    message_passes: MessagePasses
    rosters: Rosters
    roster_exports: RosterExports
    roster_mails: RosterMails
    check_in: CheckIn
    snapshots: Snapshots
    attendance_reports: AttendanceReports
    readiness: Readiness
    reconciler: Reconciler
    replies: IdempotentReplies
    health: Health
    metrics: Metrics
    counts: Counts
    live: Hub
    waiting_lists: WaitingLists
    managed_waiting_lists: ManagedWaitingLists


DATABASE_TIMEOUT = 5.0
"""Seconds that a start waits for the database. The product also starts without it."""

_opened: list[Services] = []


def check(settings: Settings) -> None:
    """Check the settings by building the parts that need nothing else, before anything starts.

    Raises SettingsError with one sentence.
    """
    try:
        _keys(settings)
        SmtpSender(settings.smtp_url or "smtp://localhost", settings.mail_from)
        read_school(settings)
        check_texts()
    except (SchoolError, ValueError) as error:
        raise SettingsError(str(error)) from None


def services() -> Services:
    """Return the services of this process. Raises RuntimeError before they are opened."""
    if not _opened:
        raise RuntimeError("The services are not open yet.")
    return _opened[-1]


def system_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def school_of(settings: Settings) -> School:
    """Return the school, as the sender of mails. Raises SchoolError."""
    school = read_school(settings)
    return School.of(school.name, school.email, school.address, settings.mail_from)


def school_defaults_of(settings: Settings) -> dict[str, str]:
    """Return the settings of the school from the environment and `school.toml`."""
    school = read_school(settings)
    return {
        "name": school.name if school.has_name else "",
        "email": school.email,
        "address": school.address,
        "timezone": school.timezone,
    }


def fixed_settings_of(settings: Settings) -> frozenset[str]:
    """Return the names of the settings of the school that the environment sets."""
    names = ("name", "email", "address", "timezone")
    return frozenset(name for name in names if getattr(settings, f"school_{name}"))


def mail_from_of(settings: Settings) -> str:
    """Return the sender of mails; unless MAIL_FROM is set, it has the name of the school."""
    if "mail_from" in settings.model_fields_set:
        return settings.mail_from
    address = parseaddr(settings.mail_from)[1]
    return f'"{quote(read_school(settings).name)}" <{address}>'


def sender_of_mails(settings: Settings) -> SmtpSender | None:
    """Return what sends mails; None without a mail server. Raises ValueError."""
    if not settings.smtp_url:
        return None
    has_fixed_name = "mail_from" in settings.model_fields_set
    return SmtpSender(settings.smtp_url, mail_from_of(settings), has_fixed_name=has_fixed_name)


def database_of(settings: Settings) -> Database:
    """Return the database of these settings. Opens no connection yet."""
    return open_database(
        settings.async_database_url,
        connections=settings.database_connections or MAX_CONNECTIONS,
        has_pooler=settings.database_pooler,
    )


@asynccontextmanager
async def opened(
    settings: Settings, *, clock: Clock = system_clock, gateway: Gateway | None = None
) -> AsyncIterator[Services]:
    """Open the services of this process, and close them at the end.

    Raises SettingsError when the database belongs to another public address.
    """
    async with standalone_services(settings, clock=clock, gateway=gateway) as opened_services:
        with suppress(Unavailable, TimeoutError):  # the worker checks again before each round
            async with asyncio.timeout(DATABASE_TIMEOUT):
                await _check_database(opened_services.context)
        async with in_use(opened_services):
            yield opened_services


async def _check_database(context: Context) -> None:
    """Raise SettingsError for newer tables, and as `check_installation` does.

    Older tables are not an error here: `/api/ready` reports that they need a migration.
    """
    async with reading(context.database) as work:
        revision = await stored_revision(work.session)
    if revision is not None and not knows_revision(revision):
        raise SettingsError(str(NewerTables(revision)))
    if revision == head_revision():
        await check_installation(context)


async def check_installation(context: Context) -> None:
    """Raise SettingsError when the database belongs to another public address; see AnotherAddress.

    Raises Unavailable when the database is away.
    """
    try:
        await installation_of(context)
    except AnotherAddress as error:
        raise SettingsError(error.remedy) from None


@asynccontextmanager
async def in_use(opened_services: Services) -> AsyncIterator[None]:
    """Let `services()` return these services while the block lasts."""
    _opened.append(opened_services)
    try:
        async with opened_services.live.opened():
            try:
                yield
            finally:
                await opened_services.webhooks.drain()
    finally:
        _opened.remove(opened_services)


def context_of(
    settings: Settings, database: Database, gateway: Gateway, clock: Clock = system_clock
) -> Context:
    """Return the context that every service gets."""
    return Context(
        database,
        gateway,
        clock,
        settings.public_url,
        timedelta(minutes=settings.hold_minutes),
        school_of(settings),
        CheckoutHosts(settings.stripe_page_host, settings.stripe_address),
        has_real_keys=settings.has_keys,
        look=Look.of(read_school(settings), settings.public_url),
        school_defaults=school_defaults_of(settings),
        fixed_settings=fixed_settings_of(settings),
    )


@asynccontextmanager
async def standalone_services(
    settings: Settings, *, clock: Clock = system_clock, gateway: Gateway | None = None
) -> AsyncIterator[Services]:
    """Build services for another program than the product, such as `coursebook doctor`."""
    hub = Hub(transport_of(settings))
    finish = partial(finish_transaction, clock)
    database = replace(database_of(settings), announce=hub.publish, finish=finish)
    counts = Counts.fresh()
    stripe = gateway or StripeGateway(
        settings.stripe_secret_key,
        settings.stripe_webhook_secret,
        settings.stripe_address,
        on_answer=counts.stripe_answered,
    )
    context = context_of(settings, database, stripe, clock)
    keys = _keys(settings)
    await keys.start()
    limits = Limits(_rates(settings), settings.redis_url, clock)
    opened_services = _build(settings, context, keys, limits, hub=hub, counts=counts)
    try:
        yield opened_services
    finally:
        await opened_services.health.close()
        await limits.close()
        await stripe.close()
        await database.close()


def _build(
    settings: Settings, context: Context, keys: KeyRing, limits: Limits, *, hub: Hub, counts: Counts
) -> Services:
    sender, verifier = sender_of_mails(settings), _verifier(settings, keys)
    access, school_profile = _heard(context, limits, hub)
    rosters = Rosters(context, access)
    return Services(
        settings=settings,
        context=context,
        clock=context.clock,
        keys=keys,
        verifier=verifier,
        authentication=Authentication(verifier, limits, Claims(context)),
        catalog=Catalog(context, limits),
        kept_answers=_kept_answers(context, hub),
        pictures=Pictures(context, access),
        bookings=Bookings(context, limits, access),
        dashboard=Dashboard(context, limits),
        calendars=Calendars(context),
        checkout=Checkout(context, limits),
        webhooks=Webhooks(context, payment_events),
        bookkeeping=Bookkeeping.of(context, access, limits),
        outbox=OutboxRunner(context, sender, settings.operator_email, mails),
        inbox=Inbox(context, access),
        access=access,
        team=Team(context, access, settings.operator_user_ids, has_mail=sender is not None),
        school_profile=school_profile,
        managed_bookings=ManagedBookings(context, access),
        booking_moves=BookingMoves(context, access),
        booking_searches=BookingSearches(context, access),
        manual_bookings=ManualBookings(context, access),
        known_people=KnownPeople(context, access),
        offline_payments=OfflinePayments(context, access),
        guest_claims=GuestClaims(context, limits),
        **_about_courses(context, access),
        course_messages=CourseMessages(context, access, limits),
        message_passes=MessagePasses(context),
        rosters=rosters,
        roster_exports=RosterExports(context, rosters, limits),
        roster_mails=RosterMails(context, access),
        **_at_courses(context, limits, access),
        reconciler=Reconciler(context, every=timedelta(hours=settings.reconcile_hours)),
        replies=IdempotentReplies(context),
        health=Health(context, settings.redis_url),
        live=hub,
        metrics=Metrics(context),
        counts=counts,
    )


def _kept_answers(context: Context, hub: Hub) -> KeptAnswers:
    kept_answers = KeptAnswers(context.clock, lambda: hub.is_alone)
    hub.listen(kept_answers.topics_changed)
    return kept_answers


def _about_courses(context: Context, access: Access) -> dict[str, Any]:
    return {
        "managed_courses": ManagedCourses(context, access, course_fields),
        "course_repeats": CourseRepeats(context, access, course_fields),
        "change_previews": ChangePreviews(context, access, course_fields),
        "course_cancellations": CourseCancellations(context, access),
        "course_histories": CourseHistories(context, access),
        "school_histories": SchoolHistories(context, access),
        "school_days": SchoolDays(context, access),
        "readiness": Readiness(context, access),
    }


def _at_courses(context: Context, limits: Limits, access: Access) -> dict[str, Any]:
    return {
        "waiting_lists": WaitingLists(context, limits),
        "managed_waiting_lists": ManagedWaitingLists(context, access),
        "check_in": CheckIn(context, access),
        "snapshots": Snapshots(context, access),
        "attendance_reports": AttendanceReports(context, access),
    }


def _heard(context: Context, limits: Limits, hub: Hub) -> tuple[Access, SchoolProfile]:
    """Return the services that keep something until they hear of a change."""
    access = Access(context, limits)
    school_profile = SchoolProfile(context, access)
    hub.listen(access.topics_changed)
    hub.listen(school_profile.topics_changed)
    return access, school_profile


def _verifier(settings: Settings, keys: KeyRing) -> Verifier:
    operators = frozenset(settings.operator_user_ids)
    return Verifier(keys, settings.token_issuer, [settings.public_url], operators)


def _rates(settings: Settings) -> Rates:
    return Rates(
        checkout=settings.checkout_limit,
        search=settings.search_limit,
        token=settings.token_limit,
        manage=settings.manage_limit,
        export=settings.export_limit,
        message=settings.message_limit,
        address=settings.address_limit,
        visitor=settings.visitor_limit,
    )


def _keys(settings: Settings) -> KeyRing:
    if settings.clerk_jwt_key:
        return KeyRing(pem=settings.clerk_jwt_key)
    return KeyRing(jwks_url=f"{settings.token_issuer}/.well-known/jwks.json")
