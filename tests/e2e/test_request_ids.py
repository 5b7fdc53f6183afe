"""The request id of one click, from the browser through the log to the mail."""

import re

from coursebook.ui.states.course import CourseState
from tests.e2e.people import eventually, open_course
from tests.support import cards
from tests.support.socket_client import socket_client
from tests.support.stack import Stack

FOLLOWS = {"stripe.answered", "checkout.opened", "payment.settled", "webhook.handled"}


async def test_a_click_has_one_id_from_the_browser_to_the_mail(stack: Stack):
    course, token = await open_course(stack), stack.token("clicker@example.test")
    booked = f"{CourseState.get_full_name()}.book_clicked"
    async with socket_client(stack.url) as tab:
        await tab.emit(booked, {"token": token}, f"/courses/{course.slug}")
        left = await tab.until("cs_test_", 30)
    session = re.findall(r"cs_test_\w+", left)[0]
    (opened,) = [line for line in log(stack) if "checkout.opened" in line and session in line]
    (click,) = re.findall(r"request_id=(req_[0-9a-f]{16})", opened)
    stack.control(f"sessions/{session}/pay", card=cards.VISA)
    await eventually(lambda: any("mail:booked" in line for line in of(stack, click)))
    told = "\n".join(of(stack, click))
    assert [event for event in FOLLOWS if event not in told] == []


def log(stack: Stack) -> list[str]:
    return stack.log.read_text(errors="replace").splitlines()


def of(stack: Stack, request: str) -> list[str]:
    return [line for line in log(stack) if f"request_id={request}" in line]
