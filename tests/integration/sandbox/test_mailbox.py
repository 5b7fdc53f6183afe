"""The sandbox's mailbox over real SMTP: mails are kept, shown and harmless."""

import asyncio
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest
from starlette.applications import Starlette

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.context import Context
from coursebook.sandbox.dashboard import mail as mail_pages
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.mailbox.smtp_server import MAX_MAIL_BYTES, Mailbox
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Store
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery
from tests.support.ports import free_port

EVIL = "<p>Hello</p><script>alert(1)</script><img src='https://evil.example/x.png'>"


class Box:
    """A mailbox with its pages, and clients for SMTP and HTTP."""

    def __init__(self, folder, *, test_controls=True):
        self.store = Store(folder / "sandbox.db")
        clock = Clock(self.store)
        self.options = SandboxOptions(
            data_dir=folder, smtp_port=free_port(), test_controls=test_controls
        )
        self.mailbox = Mailbox(self.options, self.store, clock)
        deliveries = WebhookDelivery(self.options, self.store, clock)
        context = Context(self.options, self.store, clock, deliveries, Faults())
        self.app = Starlette(routes=mail_pages.routes(context))

    async def __aenter__(self):
        await self.mailbox.start()
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://localhost:3001")
        return self

    async def __aexit__(self, *_):
        await self.http.aclose()
        await self.mailbox.stop()
        self.store.close()

    async def send(self, message, **envelope):
        port = self.options.smtp_port
        return await aiosmtplib.send(message, hostname="127.0.0.1", port=port, **envelope)

    async def mails(self, **query):
        return (await self.http.get("/_test/mail", params=query)).json()["mails"]

    async def page(self, path):
        return await self.http.get(path)


@pytest.fixture
async def box(tmp_path):
    async with Box(tmp_path) as running:
        yield running


def mail(to="sam@example.test", subject="Booked: Grüße <b>", *, html=None, file=None):
    message = EmailMessage()
    message["From"] = "Coursebook <hello@example.test>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Hello Sam, it is booked: €45.00")
    if html:
        message.add_alternative(html, subtype="html")
    if file:
        message.add_attachment(
            b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename=file
        )
    return message


async def test_an_empty_mailbox_says_so(box):
    shown = await box.page("/mailbox")
    assert shown.status_code == 200
    assert "No mail yet" in shown.text
    assert await box.mails() == []


async def test_a_mail_is_kept_with_all_its_parts(box):
    await box.send(mail(html="<p>Hello</p>", file="course.ics"))
    [stored_mail] = await box.mails()
    assert stored_mail["to"] == ["sam@example.test"]
    assert stored_mail["from"] == "Coursebook <hello@example.test>"
    assert stored_mail["subject"] == "Booked: Grüße <b>"
    assert stored_mail["text"].strip() == "Hello Sam, it is booked: €45.00"
    assert stored_mail["html"].strip() == "<p>Hello</p>"
    assert stored_mail["attachments"] == ["course.ics"]
    assert "Subject: Booked" in stored_mail["raw"]


async def test_the_newest_mail_is_first_and_can_be_chosen_by_receiver(box):
    await box.send(mail(subject="one"))
    await box.send(mail("sally@example.test", "two"))
    assert [m["subject"] for m in await box.mails()] == ["two", "one"]
    assert [m["subject"] for m in await box.mails(to="Sam@example.test")] == ["one"]


async def test_the_list_and_the_mail_are_pages_that_escape_everything(box):
    await box.send(mail(html=EVIL, file="<x>.ics"))
    [stored_mail] = await box.mails()
    listed, shown = await box.page("/mailbox"), await box.page(f"/mailbox/{stored_mail['id']}")
    assert "Grüße &lt;b&gt;" in listed.text
    assert f'href="/mailbox/{stored_mail["id"]}"' in listed.text
    for answer in (listed, shown):
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]


async def test_the_html_of_a_mail_is_shut_in_a_frame_without_scripts(box):
    await box.send(mail(html=EVIL))
    [stored_mail] = await box.mails()
    page = (await box.page(f"/mailbox/{stored_mail['id']}")).text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "&lt;script&gt;" in page


async def test_an_attachment_is_only_ever_downloaded(box):
    await box.send(mail(file='a"b;/ü.ics'))
    [stored_mail] = await box.mails()
    got = await box.page(f"/mailbox/{stored_mail['id']}/attachments/0")
    assert got.content == b"BEGIN:VCALENDAR"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith('attachment; filename="a_b__')
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/mailbox/mail_none", "/mailbox/mail_none/attachments/0"])
async def test_a_mail_that_is_not_there_is_a_404_page(box, path):
    missing = await box.page(path)
    assert missing.status_code == 404
    assert "No such mail" in missing.text


async def test_an_attachment_that_is_not_there_is_a_404_page(box):
    await box.send(mail())
    [stored_mail] = await box.mails()
    assert (await box.page(f"/mailbox/{stored_mail['id']}/attachments/0")).status_code == 404
    assert (await box.page(f"/mailbox/{stored_mail['id']}/attachments/{10**30}")).status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no headers at all",
        b"Subject: =?x?q?y?=\r\nContent-Type: text/plain; charset=nope\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"From: <<<>>>@\r\nTo: ,,,\r\nContent-Disposition: attachment; filename*=x''%\r\n\r\nx",
        b"Content-Type: ;;;=\r\n\r\nx",
        b"Subject: \xff\xfe\r\n\r\n\x00",
    ],
)
async def test_a_broken_mail_is_shown_as_far_as_it_can_be_read(box, raw):
    await box.send(raw, sender="a@example.test", recipients=["sam@example.test"])
    [stored_mail] = await box.mails()
    assert (await box.page("/mailbox")).status_code == 200
    assert (await box.page(f"/mailbox/{stored_mail['id']}")).status_code == 200


async def test_a_mail_to_two_people_is_one_entry(box):
    message = mail()
    await box.send(message, recipients=["sam@example.test", "sally@example.test"])
    [stored_mail] = await box.mails()
    assert stored_mail["to"] == ["sam@example.test", "sally@example.test"]


async def test_a_mail_that_is_too_large_is_refused_and_not_kept(box):
    big = mail()
    big.add_attachment(b"x" * MAX_MAIL_BYTES, maintype="a", subtype="b", filename="big")
    with pytest.raises(aiosmtplib.SMTPException):
        await box.send(big)
    assert await box.mails() == []


async def test_mails_survive_a_restart(tmp_path):
    async with Box(tmp_path) as box:
        await box.send(mail(subject="kept"))
    async with Box(tmp_path) as box:
        assert [m["subject"] for m in await box.mails()] == ["kept"]


async def test_twenty_at_once_are_all_kept(box):
    await asyncio.gather(*(box.send(mail(subject=f"mail {n}")) for n in range(20)))
    assert {m["subject"] for m in await box.mails()} == {f"mail {n}" for n in range(20)}


async def test_without_test_controls_there_is_no_list_for_programs(tmp_path):
    async with Box(tmp_path, test_controls=False) as box:
        assert (await box.page("/_test/mail")).status_code == 404
        assert (await box.page("/mailbox")).status_code == 200


async def test_after_stop_nobody_listens(tmp_path):
    async with Box(tmp_path) as box:
        await box.mailbox.stop()
        with pytest.raises(aiosmtplib.SMTPConnectError):
            await box.send(mail())
