"""Sending over real SMTP: content, refusals and header injection."""

import asyncio
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from hypothesis import given
from hypothesis import strategies as st

from coursebook.mail.letter import Mail
from coursebook.mail.messages import booked
from coursebook.mail.smtp import MailNotSent, SmtpSender, parse_smtp_url
from tests.support.mail_facts import FACTS
from tests.support.ports import free_port

FROM = "Coursebook <hello@example.test>"
MAIL = booked(FACTS)
no_warning = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Server:
    """A mail server; `answer` is its reply to the recipient or to the message."""

    def __init__(self, **options):
        self.options = options
        self.got = []
        self.recipient_answer = "250 OK"
        self.data_answer = "250 OK"
        self.logins = []

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        options = {"hostname": "localhost", "loop": loop, **self.options}
        self.server = await loop.create_server(lambda: SMTP(self, **options), "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        await self.server.wait_closed()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.got.append(envelope)
        return self.data_answer

    def login(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss", handled=False)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def messages(self):
        return [message_from_bytes(envelope.content, policy=default) for envelope in self.got]


@pytest.fixture
async def server():
    async with Server() as running:
        yield running


@pytest.fixture
def sender(server):
    return SmtpSender(server.url, FROM)


async def test_a_mail_arrives_with_text_html_and_calendar(server, sender):
    await sender.send(MAIL, key="booked:bk_1")
    [envelope], [message] = server.got, server.messages()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@example.test", ["sam@example.test"])
    assert message["From"] == FROM
    assert message["To"] == "sam@example.test"
    assert message["Subject"] == MAIL.subject
    assert message["Date"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().split() == MAIL.text.split()
    assert message.get_body(("html",)).get_content().split() == MAIL.html.split()
    [file] = message.iter_attachments()
    assert file.get_filename() == "course.ics"
    forms = next(message.iter_parts())
    assert forms.get_content_type() == "multipart/alternative"
    shown = list(forms.iter_parts())[-1]
    for part in (file, shown):
        assert part.get_content_type() == "text/calendar"
        assert part["Content-Type"].params["method"] == "REQUEST"
        assert part["Content-Type"].params["charset"] == "utf-8"
        assert part.get_payload(decode=True) == MAIL.calendars[0].data


async def test_the_same_key_gives_the_same_message_id(server, sender):
    for key in ("booked:bk_1", "booked:bk_1", "booked:bk_2"):
        await sender.send(MAIL, key=key)
    first, again, other = [message["Message-ID"] for message in server.messages()]
    assert first == again
    assert first != other
    assert first.endswith("@example.test>")


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 no such person", True), ("450 try later", False)]
)
async def test_a_refused_address_says_whether_to_try_again(server, sender, answer, permanent):
    server.recipient_answer = answer
    with pytest.raises(MailNotSent) as refused:
        await sender.send(MAIL, key="k")
    assert refused.value.permanent is permanent


async def test_a_refused_mail_is_not_sent(server, sender):
    server.data_answer = "451 disk full"
    with pytest.raises(MailNotSent) as refused:
        await sender.send(MAIL, key="k")
    assert not refused.value.permanent


async def test_no_server_is_not_sent():
    with pytest.raises(MailNotSent) as refused:
        await SmtpSender(f"smtp://127.0.0.1:{free_port()}", FROM).send(MAIL, key="k")
    assert not refused.value.permanent


@no_warning
async def test_a_server_that_wants_a_password_gets_it_once():
    server = Server(auth_required=True, auth_require_tls=False)
    server.options["authenticator"] = server.login
    async with server:
        url = f"smtp://sam:p%40ss@127.0.0.1:{server.port}"
        await SmtpSender(url, FROM).send(MAIL, key="k")
    assert server.logins == [(b"sam", b"p@ss")]
    assert len(server.got) == 1


@no_warning
async def test_a_wrong_password_is_not_sent_and_never_told():
    server = Server(auth_required=True, auth_require_tls=False)
    server.options["authenticator"] = server.login
    async with server:
        sender = SmtpSender(f"smtp://sam:secret@127.0.0.1:{server.port}", FROM)
        with pytest.raises(MailNotSent) as refused:
            await sender.send(MAIL, key="k")
    assert "secret" not in str(refused.value)


async def test_required_encryption_is_never_skipped(server):
    with pytest.raises(MailNotSent):
        await SmtpSender(f"starttls://127.0.0.1:{server.port}", FROM).send(MAIL, key="k")
    assert server.got == []


@pytest.mark.parametrize(
    "to",
    [
        "",
        "sam",
        "sam@example.test\r\nBcc: evil@example.test",
        "sam@example.test\n",
        "a@b.test, c@d.test",
        "Sam <sam@example.test>",
        "@example.test",
    ],
)
async def test_anything_but_one_address_is_refused_permanently(server, sender, to):
    with pytest.raises(MailNotSent) as refused:
        await sender.send(replace(MAIL, to=to), key="k")
    assert refused.value.permanent
    assert server.got == []


@given(st.text(), st.text())
def test_no_text_can_add_a_header(subject, body):
    sender = SmtpSender("smtp://localhost:25", FROM)
    mail = Mail("sam@example.test", subject + "\r\nBcc: evil@example.test\r\n\r\n", body, body)
    message = message_from_bytes(bytes(sender._message(mail, mail.to, subject)), policy=default)
    assert "Bcc" not in message
    assert message["To"] == "sam@example.test"


@pytest.mark.parametrize(
    ("url", "host", "port", "use_tls", "start_tls"),
    [
        ("smtp://localhost:3002", "localhost", 3002, False, None),
        ("smtp://mail.example", "mail.example", 25, False, None),
        ("smtp://u:p@mail.example", "mail.example", 25, False, True),
        ("smtp://u:p@localhost:25", "localhost", 25, False, None),
        ("smtps://u:p@mail.example", "mail.example", 465, True, False),
        ("starttls://u:p@mail.example", "mail.example", 587, False, True),
        ("smtp://[::1]:2525", "::1", 2525, False, None),
    ],
)
def test_an_address_of_a_server_is_read(url, host, port, use_tls, start_tls):
    server = parse_smtp_url(url)
    read = (server.host, server.port, server.use_tls, server.start_tls)
    assert read == (host, port, use_tls, start_tls)


def test_a_password_is_never_shown():
    assert "secret" not in repr(parse_smtp_url("smtp://u:secret@localhost"))


@pytest.mark.parametrize(
    "url", ["", "localhost:25", "http://x", "smtp://", "smtp://a:x", "smtp://["]
)
def test_a_bad_address_of_a_server_is_refused_by_name(url):
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpSender(url, FROM)


@pytest.mark.parametrize("address", ["", "hello", "hello@", "a@b.test\r\nBcc: x@y.test", "@b.test"])
def test_a_bad_sender_is_refused_by_name(address):
    with pytest.raises(ValueError, match="MAIL_FROM"):
        SmtpSender("smtp://localhost", address)


async def test_a_non_ascii_local_part_needs_smtputf8(server, sender):
    with pytest.raises(MailNotSent) as refused:
        await sender.send(replace(MAIL, to="jörg@example.test"), key="k")
    assert refused.value.permanent
    async with Server(enable_SMTPUTF8=True) as able:
        await SmtpSender(able.url, FROM).send(replace(MAIL, to="jörg@bücher.example"), key="k")
    [envelope], [message] = able.got, able.messages()
    assert envelope.rcpt_tos == ["jörg@xn--bcher-kva.example"]
    assert envelope.smtp_utf8
    assert message["To"] == "jörg@xn--bcher-kva.example"
    assert message["Subject"] == MAIL.subject


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("sam@bücher.example", "sam@xn--bcher-kva.example"),
        ("a..b@docomo.example", "a..b@docomo.example"),
        (".sam@example.test", ".sam@example.test"),
        ('"a b"@example.test', '"a b"@example.test'),
    ],
)
async def test_every_address_accepted_at_sign_in_can_be_mailed(server, sender, to, told):
    await sender.send(replace(MAIL, to=to), key="k")
    [envelope], [message] = server.got, server.messages()
    assert envelope.rcpt_tos == [told]
    assert told in message["To"]


async def test_a_mail_that_is_refused_at_its_end_is_refused_for_good(server, sender):
    server.data_answer = "550 no such person"
    with pytest.raises(MailNotSent) as refused:
        await sender.send(MAIL, key="k")
    assert refused.value.permanent


async def test_answers_go_to_the_school(server, sender):
    await sender.send(replace(MAIL, reply_to="hi@mill.test"), key="k")
    assert server.messages()[0]["Reply-To"] == "hi@mill.test"
