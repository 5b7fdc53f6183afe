"""`/manage/courses/{id}/people`: who is coming to a course, and what they paid."""

import reflex as rx

from coursebook.domain.booking import RosterList
from coursebook.identity.shell import token_button, token_download
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.course_tabs import COURSES, course_tabs
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.kit.address import REMOVES
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.people import NAMES, NOTHING, SORTS, PersonRow
from coursebook.ui.states.manage.people import PeopleState

MESSAGES = "/manage/messages"
FORM = "people-filters"
FILES = {"csv": "file-text", "xlsx": "sheet"}
"""The kinds of files, by their endings, with their signs."""
BOOKING, ADD = "/manage/bookings/[booking_key]", f"{COURSES}/[course_key]/people/new"
MONEY_ACTS = {"refund": "undo-2", "cancel": "circle-x"}
PLACE_ACTS = {"move": "arrow-left-right", "person": "user-pen"}
MAIL_ACTS = {"resend": "mail", "note": "sticky-note"}
"""What the menu of a person offers, with its signs: dialogs of the page of the booking."""


def people() -> rx.Component:
    """Return the page."""
    words = i18n.manage
    return layout.manage_page(
        "courses",
        PeopleState,
        kit.stack(
            kit.page_head(
                words.PEOPLE_TITLE,
                _message_button(),
                *_add_button(),
                crumb=words.COURSES_TITLE,
                crumb_href=COURSES,
                above=PeopleState.head.title,
                below=PeopleState.head.when,
            ),
            kit.on_screen_only(course_tabs("people", PeopleState.course_id, PeopleState.tabs)),
            _figures(),
            _filters(),
            kit.on_screen_only(linked_notice(PeopleState.notice)),
            kit.answer_of(
                kit.stack(
                    _tools(),
                    rx.cond(PeopleState.empty == "", _table(), _empty()),
                    rx.cond(PeopleState.chosen.length() > 0, _bulk()),
                ),
                answered_query=PeopleState.answered_query,
                names=NAMES,
            ),
            gap="lg",
        ),
    )


def _is_there(route: str) -> bool:
    return any(page.route == route for page in layout.pages)


def _add_button() -> list[rx.Component]:
    if not _is_there(ADD):
        return []
    text = kit.with_sign("plus", i18n.manage.PEOPLE_ADD)
    link = kit.link_button(text, PeopleState.shown_path + "/new")
    return [rx.cond(PeopleState.may_change, link)]


def _message_button() -> rx.Component:
    """Return the way to write to the people of the course."""
    words = i18n.manage
    text = kit.with_sign("mail", words.PEOPLE_MESSAGE)
    link = kit.link_button(text, PeopleState.message_href, look="secondary")
    return rx.cond(PeopleState.may_write, link)


def _figures() -> rx.Component:
    head, words = PeopleState.head, i18n.manage.PEOPLE_LEGEND
    waiting = rx.fragment(kit.strong(head.waiting), " ", words["waiting"])
    bar = rx.fragment(
        rx.cond(
            head.places.length() > 0,
            kit.place_bar(head.places),
            kit.seats(head.confirmed_part, head.taken_part, is_wide=True),
        ),
        kit.legend(
            ("confirmed", rx.fragment(kit.strong(head.confirmed), " ", words["confirmed"])),
            ("held", rx.fragment(kit.strong(head.held), " ", words["held"])),
            ("free", rx.fragment(kit.strong(head.free), " ", head.free_of)),
            ("", rx.cond(head.waiting != "", waiting)),
        ),
    )
    sums = i18n.manage.PEOPLE_RECEIVED, i18n.manage.PEOPLE_EXPECTED
    figures = kit.course_figures(bar, (sums[0], head.received), (sums[1], head.expected))
    return rx.cond(head.free != "", figures)


def _filters() -> rx.Component:
    words, chosen = i18n.manage, PeopleState.filters.list
    search = kit.search_field(
        words.PEOPLE_SEARCH,
        words.PEOPLE_SEARCH,
        "people-search",
        name="q",
        default_value=PeopleState.filters.q,
    )
    everybody = kit.count_beside(words.PEOPLE_ALL, PeopleState.counts["all"])
    choices = [kit.segment(everybody, "list", "", chosen), *map(_choice, RosterList)]
    return kit.address_form(
        kit.search_row(search, kit.segments(words.PEOPLE_LISTS, *choices)),
        id=FORM,
        action=PeopleState.shown_path,
        names=NAMES,
        applied=PeopleState.applied,
        answered_query=PeopleState.answered_query,
        aria_label=words.PEOPLE_SEARCH,
    )


def _choice(listed: RosterList) -> rx.Component:
    text = kit.count_beside(i18n.manage.PEOPLE_LIST[listed.value], PeopleState.counts[listed.value])
    choice = kit.segment(text, "list", listed.value, PeopleState.filters.list)
    return rx.cond(PeopleState.sees_money, choice) if listed is RosterList.OWES else choice


def _tools() -> rx.Component:
    words = i18n.manage
    files = [
        kit.menu_item(
            token_download(
                kit.with_sign(sign, words.PEOPLE_FILE[ending]),
                path=PeopleState.file + f".{ending}" + PeopleState.file_query,
                on_problem=PeopleState.export_failed,
                class_name=kit.menu_class(),
            )
        )
        for ending, sign in FILES.items()
    ]
    return kit.list_tools(
        kit.live_region(kit.small(PeopleState.count)),
        rx.cond(PeopleState.has_bookings, _sort()),
        kit.text_menu(
            kit.tool_text("download", words.PEOPLE_EXPORT),
            words.PEOPLE_EXPORT,
            "export-menu",
            kit.tool_class(),
            *files,
        ),
        kit.print_button(
            words.PEOPLE_PRINT, has_more=PeopleState.has_more, on_need_all=PeopleState.all_needed
        ),
    )


def _bulk() -> rx.Component:
    words = i18n.manage
    files = [
        token_download(
            ending.upper(),
            path=PeopleState.file + f".{ending}" + PeopleState.chosen_query,
            on_problem=PeopleState.export_failed,
            class_name=kit.tool_class(is_bulk=True),
        )
        for ending in FILES
    ]
    resend = token_button(
        words.PEOPLE_RESEND,
        on_press=PeopleState.resend_clicked,
        class_name=kit.tool_class(is_bulk=True),
    )
    write = MESSAGES + "/new?course=" + PeopleState.course_id + "&ids=" + PeopleState.chosen_ids
    message = kit.plain_link(
        words.PEOPLE_MESSAGE, href=write, class_name=kit.tool_class(is_bulk=True)
    )
    return kit.bulk_bar(
        words.PEOPLE_CHOICE,
        PeopleState.chosen_words,
        rx.cond(PeopleState.may_write, message),
        rx.cond(PeopleState.may_change, resend),
        *files,
        rx.el.button(
            words.PEOPLE_UNCHOOSE,
            type="button",
            on_click=PeopleState.all_ticked,
            class_name=kit.tool_class(is_bulk=True),
        ),
    )


def _sort() -> rx.Component:
    def option(name: str) -> rx.Component:
        return kit.option(i18n.manage.PEOPLE_SORT[name], "" if name == SORTS[0] else name)

    return kit.sort_select(
        i18n.manage.PEOPLE_SORT_LABEL,
        "people-sort",
        *[option(name) for name in SORTS if name != "payment"],
        rx.cond(PeopleState.sees_money, option("payment")),
        form=FORM,
        name="sort",
        default_value=PeopleState.filters.sort,
    )


def _table() -> rx.Component:
    words = i18n.manage
    column = words.PEOPLE_COLUMN
    contact = kit.table_column(
        column["contact"], shown_from="wide", width="contact", is_printed=False
    )
    sees_payments = PeopleState.sees_money & PeopleState.has_bookings
    status = rx.cond(sees_payments, column["payment"], column["place"])
    booked = rx.cond(PeopleState.has_bookings, column["booked"], words.WAITING_COLUMN["since"])
    choose_all = kit.tick_cell(
        words.PEOPLE_CHOOSE_ALL,
        is_chosen=PeopleState.chosen.length() > 0,
        on_ticked=PeopleState.all_ticked,
    )
    return kit.stack(
        kit.table(
            words.PEOPLE_CAPTION,
            [
                rx.cond(PeopleState.has_bookings, choose_all),
                kit.printed_box(is_head=True),
                kit.table_column(column["name"], width="person"),
                rx.cond(PeopleState.sees_contacts, contact),
                kit.table_column(status, width="payment", is_printed=False),
                rx.cond(
                    _shows_attendance(),
                    kit.table_column(PeopleState.came_head, width="came", is_printed=False),
                    kit.table_column(booked, width="day", is_printed=False),
                ),
                kit.table_column(column["note"]),
                *_menu_column(),
            ],
            rx.foreach(PeopleState.rows, _row),
            data_testid="people",
        ),
        rx.cond(
            PeopleState.has_more,
            kit.button(
                words.LIST_MORE,
                look="secondary",
                on_click=PeopleState.more_clicked,
                data_testid="more",
            ),
        ),
    )


def _shows_attendance() -> rx.Var[bool]:
    return (PeopleState.came_head != "") & PeopleState.has_bookings


def _has_menu() -> rx.Var[bool]:
    may_act = PeopleState.may_change | PeopleState.may_move_money
    return may_act & PeopleState.has_bookings


def _menu_column() -> list[rx.Component]:
    name = i18n.manage.PEOPLE_COLUMN["actions"]
    column = kit.table_column(name, width="menu", is_hidden=True, is_printed=False)
    return [rx.cond(_has_menu(), column)] if _is_there(BOOKING) else []


def _menu_cell(person: rx.Var[PersonRow]) -> list[rx.Component]:
    if not _is_there(BOOKING):
        return []

    def links(acts: dict[str, str]) -> rx.Component:
        names = i18n.manage.PERSON_MENU_ITEM
        return rx.fragment(
            *[kit.menu_link(acts[act], names[act], person.href + f"?do={act}") for act in acts]
        )

    changes = rx.fragment(links(PLACE_ACTS), kit.menu_rule(), links(MAIL_ACTS))
    money = rx.fragment(links(MONEY_ACTS), kit.menu_rule())
    menu = kit.row_menu(
        person.menu_label,
        person.menu_id,
        rx.cond(PeopleState.may_move_money, money),
        rx.cond(PeopleState.may_change, changes),
        is_lazy=True,
    )
    return [rx.cond(_has_menu(), kit.person_part(menu, card="menu"))]


def _row(person: rx.Var[PersonRow]) -> rx.Component:
    contact = kit.cut_text(person.email, title=person.email, is_small=True)
    tick = kit.tick_cell(
        person.tick_label,
        is_chosen=PeopleState.chosen.contains(person.id),
        on_ticked=PeopleState.person_ticked(person.id),
    )
    return kit.dense_row(
        rx.cond(PeopleState.has_bookings, tick),
        kit.printed_box(),
        kit.person_cell(person.name, person.href if _is_there(BOOKING) else ""),
        rx.cond(PeopleState.sees_contacts, kit.person_part(contact, card="wide")),
        kit.person_part(
            kit.state_word(person.status, person.tone, kit.sum_beside(person.amount, person.more)),
            card="start",
        ),
        rx.cond(
            _shows_attendance(),
            rx.cond(
                person.came_tone == NOTHING,
                kit.person_part(kit.quiet(person.came)),
                kit.person_part(kit.state_word(person.came, person.came_tone), card="came"),
            ),
            kit.person_part(kit.quiet(person.booked)),
        ),
        kit.person_part(_note(person), card="note", is_printed=True),
        *_menu_cell(person),
        key=person.id,
    )


def _tag(text: rx.Var[str]) -> rx.Component:
    return rx.fragment(kit.badge(text), " ")


def _note(person: rx.Var[PersonRow]) -> rx.Component:
    tags = rx.foreach(person.tags, _tag)
    failed = rx.cond(
        person.failed_mail != "",
        rx.fragment(kit.badge(person.failed_mail, tone="bad"), " "),
    )
    return kit.cut_text(
        failed, tags, person.note, rx.cond(person.note != "", " ", ""), person.booked_by
    )


def _empty() -> rx.Component:
    clear = kit.link_button(
        i18n.manage.CLEAR_SEARCH,
        PeopleState.shown_path,
        look="secondary",
        custom_attrs={REMOVES: "q"},
    )
    return kit.empty_state(
        "users",
        PeopleState.empty,
        "",
        rx.cond(PeopleState.filters.q != "", clear),
        data_testid="no-people",
    )


PAGE = Page(
    route=f"{COURSES}/[course_key]/people",
    build=people,
    title=manage_title(PeopleState, i18n.manage.PEOPLE_TITLE),
    state=PeopleState,
    is_public=False,
)
