"""The systemd units of the deployment page hold what the product relies on."""

import re
from configparser import ConfigParser

import pytest

from coursebook.run.supervisor.heartbeats import HUNG_SECONDS
from coursebook.run.supervisor.lifecycle import ALIVE_SECONDS, GRACE_SECONDS, PRODUCT_SECONDS
from tests.support.documents import page

UNIT = re.compile(r"`/etc/systemd/system/([\w@.-]+)`[^`]*```ini\n(.*?)```", re.DOTALL)


def units() -> dict[str, ConfigParser]:
    """Return every unit of the page by its file name."""
    found = {}
    for name, text in UNIT.findall(page("docs/ops/deployment.md").text):
        found[name] = ConfigParser(interpolation=None)
        found[name].optionxform = str  # type: ignore[assignment,method-assign]
        found[name].read_string(text)
    return found


@pytest.fixture(scope="module")
def service() -> ConfigParser:
    return units()["coursebook.service"]


def test_a_supervisor_that_hangs_is_restarted(service: ConfigParser):
    assert service["Service"]["Type"] == "notify"
    assert service["Service"]["Restart"] == "always"
    watchdog = int(service["Service"]["WatchdogSec"])
    assert watchdog >= 3 * ALIVE_SECONDS, "a sign of life may be late on a loaded machine"
    assert watchdog > HUNG_SECONDS, "the supervisor replaces a hung process first"


def test_it_is_given_the_time_that_it_takes(service: ConfigParser):
    assert int(service["Service"]["TimeoutStartSec"]) > PRODUCT_SECONDS
    assert int(service["Service"]["TimeoutStopSec"]) > GRACE_SECONDS + 2


def test_memory_is_limited_and_one_greedy_process_ends_alone(service: ConfigParser):
    assert re.fullmatch(r"\d+[MG]", service["Service"]["MemoryMax"])
    assert service["Service"]["OOMPolicy"] == "continue"


def test_somebody_is_told_when_a_unit_fails():
    found = units()
    for name in ("coursebook.service", "coursebook-doctor.service"):
        alarm, _, instance = found[name]["Unit"]["OnFailure"].partition("@")
        assert f"{alarm}@.service" in found
        assert instance == "%n.service"


def test_an_update_builds_the_pages_before_the_restart():
    text = page("docs/ops/deployment.md").text
    section = text.partition("## A new version")[2].partition("\n### ")[0]
    assert 0 < section.index("coursebook build") < section.index("systemctl restart coursebook")
