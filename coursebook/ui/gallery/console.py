"""Samples of the parts of the console."""

from types import SimpleNamespace

import reflex as rx

from coursebook.ui import kit

PICTURE = "/courses/stargazing-with-what-you-have.svg"

HEIGHTS = ("25%", "50%", "100%", "0%", "75%", "25%", "50%")


def _navigation() -> rx.Component:
    return kit.console_body(
        kit.side_nav(
            "Sample",
            kit.side_link("Today", "/kit"),
            kit.side_link("Courses", "/kit", is_current=True),
            kit.side_link("Money", "/kit", count="3"),
            kit.side_link("Team", "/kit", is_apart=True),
        ),
        kit.page_head(
            "Courses",
            kit.button("New course"),
            crumb="Today",
            crumb_href="/kit",
            meta=kit.badge("Draft"),
        ),
        target="sample-main",
        is_wide=rx.Var.create(True),
    )


def _row(title: str, menu_id: str) -> rx.Component:
    return kit.table_row(
        kit.title_cell(title, "/kit", below="Online", image=PICTURE, lang="en"),
        kit.cell(
            "Sat 5 Dec, 17:00",
            kit.second_line("4 meetings"),
            kit.on_cards_only(kit.badge("Full")),
            kit.on_screen_only(kit.small("Not on paper")),
            card="start",
        ),
        kit.cell(kit.strong("17"), kit.quiet(" of 20"), kit.seats("80%", "85%"), card="end"),
        kit.cell("$448", is_end=True, shown_from="wide"),
        kit.cell(
            kit.row_menu(
                f"Actions for {title}",
                menu_id,
                kit.menu_link("pencil", "Edit", "/kit"),
                kit.menu_rule(),
                kit.menu_item(
                    rx.el.button(
                        kit.with_sign("lock", "Close booking"),
                        type="button",
                        class_name=kit.menu_class(),
                    )
                ),
            ),
            card="menu",
        ),
    )


def _table() -> rx.Component:
    return kit.table(
        "Courses",
        [
            kit.table_column("Course"),
            kit.sorted_column("When", "/kit", sorted_as="ascending"),
            kit.table_column("Places"),
            kit.table_column("Received", is_end=True, shown_from="wide"),
            kit.table_column("Actions", is_hidden=True),
        ],
        _row("Tabla: First Rhythms", "sample-menu-1"),
        _row("Roll a Kayak in Warm Water", "sample-menu-2"),
    )


def _checklist() -> rx.Component:
    return kit.checklist(
        "Ready to sell",
        "1 of 2",
        kit.step_bar(rx.Var.create([True, False])),
        kit.check_point("A mail went out", is_done=rx.Var.create(True), words="done"),
        kit.check_point(
            "A course is published",
            is_done=rx.Var.create(False),
            words="open",
            link="Courses",
            href="/kit",
        ),
    )


def _ways() -> rx.Component:
    text = "About twelve fields. Nothing is public before you publish."
    action = kit.link_button("New course", "/kit", wide=True)
    rows = kit.ways(
        kit.way_row("sparkles", "Write your first course", text, action=action),
        kit.way_row("file-text", "Bring what you have", kit.command("coursebook courses import")),
    )
    return kit.reading_width(rows)


def _todo() -> rx.Component:
    row = kit.todo_row(
        "A refund failed.",
        kit.body("Jonas Keller, Paint Your Own Azulejo", tone="soft"),
        sign=rx.Var.create("undo-2"),
        tone=rx.Var.create("bad"),
        amount="€95.00",
        age="2 days",
        action=kit.button("Give back €95.00", look="secondary"),
        more=kit.disclosure("More about it", kit.body("The card was closed.")),
    )
    return kit.focus_target(kit.todo_list("Money that is not where it should be", row))


def _tick(label: str) -> rx.Component:
    is_chosen = rx.Var.create(False)
    return kit.tick_cell(label, is_chosen=is_chosen, on_ticked=rx.noop())


def _people() -> rx.Component:
    def row(name: str, word: str, tone: str, amount: str, note: str) -> rx.Component:
        beside = kit.sum_beside(amount, "")
        return kit.dense_row(
            _tick(f"Choose {name}"),
            kit.printed_box(),
            kit.person_cell(name, "/kit"),
            kit.person_part(kit.state_word(word, rx.Var.create(tone), beside), card="start"),
            kit.person_part(kit.cut_text(note), card="note", is_printed=True),
        )

    heads = [_tick("Choose all"), kit.printed_box(is_head=True)]
    columns = [*heads, *map(kit.table_column, ("Name", "Payment", "Note"))]
    return kit.table(
        "Sample of a roster",
        columns,
        row("Ana Castelo", "Paid", "plain", "€95.00", "Nut allergy"),
        row("Bruno Lima", "Owes", "warn", "€95.00", ""),
        row("Jonas Keller", "Refund failed", "bad", "€95.00", ""),
        row("Amara Lindqvist", "Paying", "live", "", ""),
    )


def _people_tools() -> rx.Component:
    entry = rx.el.button("CSV", type="button", class_name=kit.menu_class())
    return kit.list_tools(
        kit.small("40 people"),
        kit.text_menu(
            kit.tool_text("download", "Export"),
            "Export",
            "sample-export",
            kit.tool_class(),
            kit.menu_item(entry),
        ),
        kit.print_button("Print", has_more=rx.Var.create(False), on_need_all=rx.noop()),
    )


def _figures() -> rx.Component:
    places = [*["confirmed"] * 7, "held", "free", "free"]
    return kit.course_figures(
        kit.stack(kit.place_bar(rx.Var.create(places)), kit.seats("70%", "80%", is_wide=True)),
        ("Received", "€3,277.50"),
        ("Expected", "€190.00"),
    )


def _acts() -> rx.Component:
    nothing = rx.Var.create("")
    money = kit.money_list(
        kit.money_row("Paid by card, 28 Nov 2026", "€95.00", note="Goodwill"),
        kit.money_row("Left with the school", "€95.00", is_total=True),
    )
    panel = kit.act_panel(
        "Give money back",
        "Close without doing anything",
        kit.inline(kit.pick("Half", is_on=rx.Var.create(True))),
        on_close=rx.noop(),
        title_id="sample-act",
    )
    acts = kit.act_list(
        kit.act_row("undo-2", "Refund…", nothing),
        kit.act_row("circle-x", "Cancel place…", rx.Var.create("The place is over already")),
    )
    side = kit.stack(money, acts, panel)
    return kit.acts_split(
        kit.tags(rx.Var.create(["Beginner"])), side, is_aside_first=rx.Var.create(False)
    )


def _day() -> rx.Component:
    first = rx.Var.create(True)
    meeting = kit.meeting_row(
        "10:00",
        "until 13:00",
        kit.text_link("Paint Your Own Azulejo", href="/kit"),
        kit.meeting_fact("triangle-alert", "Nut allergy: Ana Castelo", is_warning=True),
        kit.meeting_fact("", "9 of 10 places taken"),
        below="Oficina do Forno",
        count="2 of 9 here",
        bar=kit.seats("90%", "90%", "20%", is_wide=True),
        action=kit.door_button("Check in", "/kit", is_first=first),
        is_first=first,
    )
    needs = kit.need_row("A refund failed", "€95.00", "/kit", rx.Var.create("bad"))
    return kit.day_split(
        rx.fragment(
            kit.meeting_list("Sample of meetings", meeting),
            kit.week_section(
                "This week",
                "24 Nov 2026 until 30 Nov 2026",
                kit.text_link("Reports", href="/kit"),
                kit.big_figure(
                    "Bookings", rx.fragment("12 ", kit.spark(rx.Var.create(HEIGHTS))), ""
                ),
            ),
        ),
        rx.fragment(
            kit.search_form("/kit", kit.search_field("Find", "Find a person", "sample-person")),
            kit.need_list("Needs you", "Nothing needs you now.", needs, has_rows=first),
        ),
    )


def _report() -> rx.Component:
    bar = SimpleNamespace(
        label="Nov",
        sum="€4,015",
        over="12%",
        top="12%",
        height="88%",
        back_top="12%",
        back_height="8%",
        is_cut=False,
    )
    return kit.side_scroll(
        kit.big_figures(kit.big_figure("Received", "€12,505.00", "175 payments")),
        kit.bars(
            "Received by month",
            kit.lying_bar("Nov", "€4,015.00", "-€95.00", "100%", "2.37%"),
            kit.standing_bars(
                rx.fragment(kit.scale_line("€0", "100%"), kit.scale_line("€2,000", "50%")),
                kit.standing_bar(bar),
            ),
            first="Received",
            second="Given back",
        ),
        label="Sample of a report",
    )


SAMPLES = {
    "side_scroll, big_figures, big_figure, bars, lying_bar, standing_bars, standing_bar, "
    "scale_line": _report,
    "at_path": lambda: kit.at_path(
        rx.Var.create("/kit"), kit.body("At /kit"), kit.body("Elsewhere")
    ),
    "way_back, back_to": lambda: rx.fragment(
        kit.way_back(),
        kit.back_to(rx.Var.create(""), rx.Var.create(0)),
        kit.body("Both are invisible: the first is beside every page of the console."),
    ),
    "day_split, meeting_list, meeting_row, meeting_fact, door_button, need_list, need_row, "
    "week_section, spark, search_form": _day,
    "dense_row, person_cell, person_part, state_word, sum_beside, cut_text, printed_box, "
    "tick_cell": _people,
    "bulk_bar": lambda: rx.el.div(
        kit.bulk_bar(
            "Sample", "2 chosen", rx.el.button("Export", class_name=kit.tool_class(is_bulk=True))
        ),
        class_name="relative h-20 [transform:translateZ(0)]",
    ),
    "list_tools, tool_text, tool_class, text_menu, print_button": _people_tools,
    "course_figures, place_bar": _figures,
    "console_body, side_nav, side_link, page_head": _navigation,
    "console_header": lambda: kit.console_header(
        kit.logo("coursebook"), kit.body("Navigation"), kit.account_name("Olga Operator")
    ),
    "tabs, tab_link, tab_button": lambda: kit.tabs(
        "Sample",
        kit.tab_link("People", "/kit", is_current=True, count="12"),
        kit.tab_button("As a student sees it", is_current=False),
    ),
    "table, table_column, sorted_column, table_row, title_cell, cell, second_line, row_menu, "
    "menu_link, menu_rule, menu_item, with_sign, menu_class, seats, on_cards_only, on_screen_only, "
    "strong, quiet": _table,
    "link_like_class": lambda: rx.el.button("As a link", class_name=kit.link_like_class()),
    "name_cell, end_line": lambda: kit.table(
        "Sample of people",
        [kit.table_column("Person"), kit.table_column("Role")],
        kit.table_row(
            kit.name_cell("Tara Teacher", below="tara@example.test"),
            kit.cell(kit.end_line("Teacher", kit.button("Revoke", look="quiet")), card="end"),
        ),
    ),
    "act_list, act_panel, act_row, acts_split, money_list, money_row, pick, tags": _acts,
    "todo_list, todo_row, focus_target": _todo,
    "typed_confirm": lambda: rx.el.form(
        kit.text_field("Type 12 to confirm", "sample-people", name="people"),
        kit.inline(kit.typed_confirm("Cancel the course for 12 people", {"people": "12"})),
    ),
    "legend": lambda: kit.legend(
        ("confirmed", "17 confirmed"), ("held", "1 paying"), ("free", "2 free")
    ),
    "checklist, step_bar, check_point": _checklist,
    "change_list, change_row, same_row": lambda: kit.change_list(
        kit.change_row("When", "Sat 19 Dec, 10:00", "Sun 20 Dec, 11:00"),
        kit.same_row("Where", "Oficina do Forno, as before"),
    ),
    "ways, way_row, command, reading_width": _ways,
    "progress, progress_legend": lambda: rx.el.div(
        kit.progress("28", "of 40 done", "65%", "67.5%", "70%"),
        kit.progress_legend(
            {"done": "26 finished", "waiting": "1 waits for its bank", "failed": "1 needs you"}
            | {"free": "12 to come"}
        ),
    ),
    "offer_list, offer_row, ring_clock": lambda: kit.offer_list(
        "Offers running",
        kit.offer_row(
            kit.ring_clock(27360, 43200, "sample"),
            "Lea Brandt",
            "Kept until today, 22:00, Lisbon time",
            kit.button("End the offer", look="secondary"),
        ),
    ),
    "queue_dots": lambda: kit.queue_dots(rx.Var.create(["…", "", ""]), "9"),
}
