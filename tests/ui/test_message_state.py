"""`/manage/messages`: the form with its preview, the list, and the log of one message."""

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import Message
from coursebook.ui.states.manage.message_form import MessageFormState
from coursebook.ui.states.manage.messages import MessageListState, MessageState
from tests.support.harness import OPERATOR, Harness, eur
from tests.support.team import give_role
from tests.ui.tabs import Tab

NEW = "/manage/messages/new"


async def opened(harness: Harness, address: str, state, who=OPERATOR, language: str = ""):
    tab = Tab(address, language)
    await tab.sign_in(harness, who)
    await tab.fire(state.viewer_arrived)
    return tab, await tab.state(state)


async def test_a_message_is_written_previewed_sent_and_stopped(harness: Harness):
    course = await harness.course(price=eur(0))
    started = await harness.confirmed(harness.student("ann"), course)
    tab, form = await opened(harness, f"{NEW}?course={course.id}&text=bring", MessageFormState)
    assert form.shown.subject == "What to bring on {when}"
    assert (form.look.counts["coming"], form.look.people) == ("1", "1 person now.")
    assert form.look.submit == "Send now to 1 person"
    assert "{" not in form.look.subject
    token = await harness.token(OPERATOR)
    texts = {"course_id": course.id, "audience": "coming", "subject": "Hi {nmae}", "body": "Hello"}
    await tab.fire(MessageFormState.typed, texts)
    sentence = "There is no {nmae}. You can use {name}, {course}, {when}, {where}, {link}."
    assert form.problems == {"subject": sentence}
    assert await tab.fire(MessageFormState.sent, token, {**texts, "act": "send"}) == []
    assert (form.problems, form.shown.subject) == ({"subject": sentence}, "Hi {nmae}")
    assert await harness.rows_of(Message) == []

    texts |= {"subject": "Hi {name}", "when": "now"}
    (address,) = await tab.fire(MessageFormState.sent, token, {**texts, "act": "save"})
    assert address == f"{NEW}?message={form.message_id}"
    tab.go(address)
    await tab.fire(MessageFormState.viewer_arrived)
    assert (form.shown.subject, form.revision) == ("Hi {name}", 1)
    await tab.fire(MessageFormState.sent, token, {**texts, "act": "test"})
    assert form.notice.text == f"A test is on its way to {OPERATOR.email}, and to nobody else."
    (address,) = await tab.fire(MessageFormState.sent, token, {**texts, "act": "send"})
    assert address == f"/manage/messages/{form.message_id}"

    tab, page = await opened(harness, address, MessageState)
    assert (page.message.count, page.message.count_words) == ("0", "of 1 sent")
    assert [(one.email, one.state) for one in page.people] == [(started.student.email, "Waiting")]
    await tab.fire(MessageState.stop_asked)
    await tab.fire(MessageState.stop_clicked, token)
    assert (page.message.row.state, page.people[0].state) == ("Stopped", "Skipped")
    assert (page.message.count, page.message.done_part) == ("0", "0%"), "nobody got it"
    _, listed = await opened(
        harness, f"/manage/messages?course={course.id}", MessageListState, language="de"
    )
    assert [(row.subject, row.state, row.counts) for row in listed.rows] == [
        ("Hi {name}", "Angehalten", "0 von 1")
    ]


async def test_two_people_with_one_message_see_both_texts(harness: Harness):
    course = await harness.course(price=eur(0))
    olga = await harness.principal(OPERATOR)
    messages, values = harness.services.course_messages, {"subject": "One", "body": "Text"}
    stored = await messages.create(olga, course.id, values)
    _, page = await opened(harness, f"/manage/messages/{stored.id}", MessageState)
    assert page.message.edit_href == f"{NEW}?message={stored.id}", "a draft can be edited"
    tab, form = await opened(harness, f"{NEW}?message={stored.id}", MessageFormState)
    await messages.patch(olga, stored.id, {"subject": "Two"}, 1)
    token = await harness.token(OPERATOR)
    mine = {"course_id": course.id, "audience": "coming", "subject": "Three", "body": "Text"}
    await tab.fire(MessageFormState.sent, token, {**mine, "act": "save"})
    assert (form.differences[0].mine, form.differences[0].theirs) == ("Three", "Two")
    await tab.fire(MessageFormState.sent, token, {**mine, "act": "overwrite"})
    assert (await messages.get(olga, stored.id)).subject == "Three"
    plan = {"when": "moment", "day": "2020-01-01", "clock": "10:00", "act": "send"}
    await tab.fire(MessageFormState.sent, token, mine | plan)
    assert form.problems == {"day": "This moment is over. Choose one that is ahead."}


async def test_people_without_the_right_see_no_such_pages(harness: Harness):
    course = await harness.course(price=eur(0))
    stored = await harness.services.course_messages.create(
        await harness.principal(OPERATOR), course.id, {"subject": "One", "body": "Text"}
    )
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    for state, address in (
        (MessageListState, "/manage/messages"),
        (MessageFormState, f"{NEW}?message={stored.id}"),
        (MessageState, f"/manage/messages/{stored.id}"),
    ):
        _, page = await opened(harness, address, state, tara)
        assert page.view_state == "missing", address
