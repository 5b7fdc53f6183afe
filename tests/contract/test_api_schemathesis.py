"""Schemathesis generates requests from the OpenAPI document and checks the answers against it."""

import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks, positive_data_acceptance
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import APIOperation

from coursebook.api.app import build_api
from coursebook.domain.money import Money
from tests.support.api_document import operations
from tests.support.course_fields import FIELDS, declared
from tests.support.harness import Harness
from tests.support.sandbox import SandboxProcess
from tests.support.threaded_harness import ThreadedHarness, open_threaded_harness

PATIENCE = 60.0
"""Seconds for an answer. Schemathesis waits for 10, too little for a booking on a busy machine."""
BOUNDED = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


SIGNED_OR_EXCLUSIVE = ("/api/stripe/webhook", "/api/manage/meetings/{meeting_id}/attendance")


@dataclass(frozen=True)
class Served:
    """The product's address, a token, and ids of existing objects."""

    url: str
    token: str
    courses: tuple[str, ...]
    bookings: tuple[str, ...]
    work: Callable[[], None]
    """Runs one round of the worker, without which the product is not ready after two minutes."""


@pytest.fixture(scope="module")
def served(
    sandbox_of_the_run: SandboxProcess,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """A product with two courses, a booking, and a student with a long-lived token.

    An extension adds a field of each kind to the courses.
    """
    path = tmp_path_factory.mktemp("schemathesis") / "coursebook.db"
    shutil.copyfile(sqlite_template, path)
    with (
        declared(*FIELDS),
        patch("tests.support.harness._the_api", build_api),
        open_threaded_harness(sandbox_of_the_run, f"sqlite:///{path}") as apart,
    ):
        work = partial(_one_round, apart)
        work()
        yield apart.run(_furnished(apart.harness, work))


def _one_round(apart: ThreadedHarness) -> None:
    apart.run(apart.harness.worker_round())


async def _furnished(harness: Harness, work: Callable[[], None]) -> Served:
    sam = harness.student("sam")
    extra = {"language": "de", "stepless": True, "material": "Shoes", "age": 12}
    paid = await harness.course(extra=extra | {"begun": "2027-03-14"})
    free = await harness.course(price=Money(0, "eur"))
    started = await harness.checkout(sam, paid)
    token = (await harness.control("token", email=sam.email, ttl=900))["token"]
    url = str(harness.api.base_url).rstrip("/")
    return Served(url, token, (paid.id, free.id, free.slug), (started.booking_id,), work)


@pytest.fixture(scope="module")
def documented() -> dict[str, APIOperation]:
    """The operations of the OpenAPI document, with a field of each kind."""
    with declared(*FIELDS):
        schema = schemathesis.openapi.from_dict(build_api().openapi())
    found = [result.ok() for result in schema.get_all_operations()]
    return {operation.label: operation for operation in found}


@pytest.mark.parametrize("label", operations())
def test_no_request_gets_an_answer_that_does_not_fit(
    label: str, documented: dict[str, APIOperation], served: Served
):
    """Build the cases of one operation and send them.

    Not by `schema.parametrize()`: that builds the cases of all operations while tests are
    collected, in every process of `pytest -n`, which was a third of the time of collecting.
    """
    load_all_checks()
    operation = documented[label]
    test_operation = build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=_answer_fits,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    test_operation(served=served)


@BOUNDED
def _answer_fits(case: schemathesis.Case, served: Served) -> None:
    _name_things_that_exist(case, served)
    if case.path == "/api/ready":
        served.work()
    case.call_and_validate(
        served.url,
        headers={"Authorization": f"Bearer {served.token}"},
        timeout=PATIENCE,
        excluded_checks=[positive_data_acceptance] if _needs_more_than_a_shape(case) else [],
    )


def _needs_more_than_a_shape(case: schemathesis.Case) -> bool:
    """Return whether a value must be genuine: a cursor, a signature, a key, an ETag, an address.

    A line of attendance names a booking or a ticket, which no schema says.
    """
    has_cursor = "cursor" in (case.query or {})
    has_key = bool({"Idempotency-Key", "If-Match"} & {*(case.headers or {})})
    has_address = isinstance(case.body, dict) and "email" in case.body
    return has_cursor or has_key or has_address or case.path in SIGNED_OR_EXCLUSIVE


def _name_things_that_exist(case: schemathesis.Case, served: Served) -> None:
    """Use real ids in half of the requests; otherwise nearly all would get 404."""
    if case.meta is None or case.meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
        return
    parameters = case.path_parameters
    for name, known in (("id_or_slug", served.courses), ("booking_id", served.bookings)):
        given = str(parameters.get(name, ""))
        if name in parameters and _coin(given):
            parameters[name] = known[len(given) % len(known)]
    body = case.body
    if isinstance(body, dict) and isinstance(body.get("course_id"), str) and _coin(str(body)):
        body["course_id"] = served.courses[len(str(body)) % len(served.courses)]


def _coin(text: str) -> bool:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % 2 == 0
