"""Selects scenarios: all on the sandbox, and with a key most of them on Stripe as well."""

import os
from collections.abc import Iterator

import pytest
import stripe

from tests.contract.sandbox.receiver import Receiver
from tests.contract.sandbox.stripe_oracle import CheckedClient, StripeOracle
from tests.contract.scenarios.backend import Backend, client_of
from tests.contract.scenarios.registry import SCENARIOS
from tests.support.sandbox import SECRET_KEY, WEBHOOK_SECRET, SandboxProcess
from tests.support.stripe_schema import check_response

# Read at collection, because a fixture removes a developer's keys from every test.
KEY = os.environ.get("STRIPE_SECRET_KEY", "")
BASE = os.environ.get("STRIPE_API_BASE") or None
HAS_KEY = KEY.startswith(("sk_test_", "rk_test_"))
left_out: list[str] = []

stripe.enable_telemetry = False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what cannot run on Stripe, and record the reason."""
    kept, out = [], []
    for item in items:
        reason = reason_against(item.name)
        (out if reason else kept).append(item)
        if reason:
            left_out.append(f"{item.name}: {reason}")
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = kept


def reason_against(name: str) -> str:
    """Return why a scenario is not run, or ""."""
    if not name.startswith("test_scenario[stripe-"):
        return ""
    if not HAS_KEY:
        return "STRIPE_SECRET_KEY is no test key of an account"
    return SCENARIOS[name.removeprefix("test_scenario[stripe-").removesuffix("]")].needs


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was deselected, with the reason."""
    if not left_out:
        return
    terminalreporter.section("scenarios not run on Stripe's test mode")
    if not HAS_KEY:
        terminalreporter.line(f"{len(left_out)}: set STRIPE_SECRET_KEY=sk_test_… to run them")
        return
    for line in left_out:
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def scenario_sandbox() -> Iterator[SandboxProcess]:
    """A sandbox for the scenarios, with an endpoint for every event."""
    with Receiver(WEBHOOK_SECRET) as receiver, SandboxProcess(webhook_url=receiver.url) as sandbox:
        yield sandbox
    assert receiver.refused == []
    assert not [wrong for event in receiver.events for wrong in check_response("event", event)]


@pytest.fixture(scope="session")
def scenario_oracle() -> StripeOracle:
    """The oracle that checks every exchange."""
    return StripeOracle()


@pytest.fixture(scope="session")
def sandbox_backend(
    scenario_sandbox: SandboxProcess, scenario_oracle: StripeOracle
) -> Iterator[Backend]:
    """The sandbox as a backend."""
    http = CheckedClient(scenario_oracle)
    base = scenario_sandbox.api_base
    client = client_of(SECRET_KEY, base, http)
    yield Backend(client, scenario_oracle, SECRET_KEY, base, scenario_sandbox)
    http.close()


@pytest.fixture(scope="session")
def stripe_backend(scenario_oracle: StripeOracle) -> Iterator[Backend]:
    """Stripe's test mode as a backend."""
    http = CheckedClient(scenario_oracle)
    yield Backend(client_of(KEY, BASE, http), scenario_oracle, KEY, BASE, None)
    http.close()
