"""`coursebook team invite`: a link to hand over, which no mail carries."""

import asyncio
import re
from typing import Any

import pytest
from typer.testing import CliRunner

from coursebook.cli import app
from coursebook.run.problem import CannotStart
from tests.support.harness import OPERATOR, Harness


@pytest.fixture
def typed(sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command beside the running product and return its result."""
    settings = sqlite_harness.services.settings
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PUBLIC_URL", settings.public_url)

    async def type_it(*words: str) -> Any:
        def run() -> Any:
            return CliRunner().invoke(app, ["team", "invite", *words])

        return await asyncio.to_thread(run)

    return type_it


async def test_the_link_works_once_and_no_mail_goes_out(sqlite_harness: Harness, typed: Any):
    harness, course = sqlite_harness, await sqlite_harness.course()
    thea = harness.student("thea")
    output = await typed(thea.email, "teacher", "--course", course.slug)
    assert output.exit_code == 0, output
    (code,) = re.findall(
        rf"{harness.services.settings.public_url}/invitation\?code=(\S+)", output.output
    )
    accepted = await harness.post("/api/team/accept", thea, json={"code": code})
    assert (accepted.status_code, accepted.json()["courses"][0]["id"]) == (200, course.id)
    again = await harness.post("/api/team/accept", thea, json={"code": code})
    assert again.status_code == 404
    await harness.worker_round()
    assert await harness.mails(thea) == []
    team = (await harness.get("/api/manage/team", OPERATOR)).json()["items"]
    assert {item["email"]: item["state"] for item in team}[thea.email] == "active"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("nobody", "owner"), "This is not an email address"),
        (("a@b.test", "king"), "Please choose a role."),
        (("a@b.test", "teacher"), "Please choose at least one course."),
        (("a@b.test", "teacher", "--course", "none"), "There is no such course."),
    ],
)
async def test_what_is_wrong_is_one_sentence(typed: Any, words: tuple[str, ...], sentence: str):
    output = await typed(*words)
    assert isinstance(output.exception, CannotStart)
    assert sentence in str(output.exception)
