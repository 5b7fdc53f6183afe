"""Parts that only the console uses: its navigation, tables, bars, lists of points."""

from coursebook.ui.kit.console.acts import act_list, act_panel, act_row, acts_split
from coursebook.ui.kit.console.day import (
    day_split,
    door_button,
    meeting_list,
    meeting_row,
    need_list,
    need_row,
)
from coursebook.ui.kit.console.people import (
    bulk_bar,
    course_figures,
    cut_text,
    dense_row,
    list_tools,
    person_cell,
    person_part,
    place_bar,
    print_button,
    printed_box,
    state_word,
    sum_beside,
    tick_cell,
    tool_class,
    tool_text,
)
from coursebook.ui.kit.console.report import bars, big_figure, big_figures, lying_bar, side_scroll
from coursebook.ui.kit.console.sums import money_list, money_row, pick, tags
from coursebook.ui.kit.console.todo import todo_list, todo_row
from coursebook.ui.kit.console.work_progress import progress

__all__ = [
    "act_list",
    "act_panel",
    "act_row",
    "acts_split",
    "bars",
    "big_figure",
    "big_figures",
    "bulk_bar",
    "course_figures",
    "cut_text",
    "day_split",
    "dense_row",
    "door_button",
    "list_tools",
    "lying_bar",
    "meeting_list",
    "meeting_row",
    "money_list",
    "money_row",
    "need_list",
    "need_row",
    "person_cell",
    "person_part",
    "pick",
    "place_bar",
    "print_button",
    "printed_box",
    "progress",
    "side_scroll",
    "state_word",
    "sum_beside",
    "tags",
    "tick_cell",
    "todo_list",
    "todo_row",
    "tool_class",
    "tool_text",
]
