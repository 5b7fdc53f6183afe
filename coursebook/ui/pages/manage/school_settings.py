"""`/manage/settings`: name, addresses and time zone of the school."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from coursebook.domain.school_settings import NO, SCHOOL_SETTINGS, YES
from coursebook.identity.shell import token_form
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.course_form import AS_IT_IS, LEADS, TURNS
from coursebook.ui.states.manage.school_settings import SchoolSettingsState


def school_settings() -> rx.Component:
    """Return the page."""
    state, words = SchoolSettingsState, i18n.manage
    has_problem = rx.Var.create(False)
    for name in SCHOOL_SETTINGS:
        has_problem |= state.problems[name] != ""
    form = kit.stack(
        kit.focus_on(rx.Var.create("error-summary"), state.refused_stamp),
        rx.cond(
            has_problem,
            kit.error_summary(
                words.ERRORS_TITLE,
                *[
                    rx.cond(
                        state.problems[name] != "",
                        kit.summary_link(words.SETTINGS_LABEL[name], name),
                    )
                    for name in SCHOOL_SETTINGS
                ],
                stamp=state.refused_stamp,
            ),
        ),
        _text_field("name", auto_complete="organization"),
        _text_field("email", type="email", auto_complete="email"),
        _text_field("address", auto_complete="street-address"),
        _zone_field(),
        _text_field("payment_details"),
        _minutes_field(
            "reminder_minutes", {value: i18n.manage.REMINDER_CHOICE[value] for value in LEADS}
        ),
        _minutes_field("offer_minutes", {value: i18n.manage.TURN_CHOICE[value] for value in TURNS}),
        _teacher_field("teacher_messages", i18n.manage.TEACHER_MESSAGES),
        _teacher_field("teacher_contacts", i18n.manage.TEACHER_CONTACTS),
        kit.inline(kit.button(words.SETTINGS_SAVE, type="submit")),
        gap="lg",
    )
    return layout.manage_page(
        "settings",
        state,
        kit.stack(
            kit.page_head(words.AREA["settings"]),
            linked_notice(state.notice),
            kit.narrow(token_form(form, on_send=state.saved)),
            gap="lg",
        ),
    )


def _text_field(name: str, **props: Any) -> rx.Component:
    return kit.text_field(
        i18n.manage.SETTINGS_LABEL[name],
        name,
        name=name,
        default_value=SchoolSettingsState.texts[name],
        read_only=SchoolSettingsState.fixed[name],
        max_length=SCHOOL_SETTINGS[name],
        hint=_hint(name),
        error=SchoolSettingsState.problems[name],
        **props,
    )


def _zone_field() -> rx.Component:
    name = "timezone"
    return kit.zone_field(
        i18n.manage.SETTINGS_LABEL[name],
        name,
        SchoolSettingsState.texts[name],
        name=name,
        default_value=SchoolSettingsState.texts[name],
        disabled=SchoolSettingsState.fixed[name],
        hint=_hint(name),
        error=SchoolSettingsState.problems[name],
    )


def _minutes_field(name: str, choices: Mapping[str, str]) -> rx.Component:
    """Return a list of lengths of time. A value that is none of them has an entry of its own."""
    return kit.option_field(
        i18n.manage.SETTINGS_LABEL[name],
        name,
        *[kit.option(text, value) for value, text in choices.items()],
        rx.cond(
            ~rx.Var.create([*choices]).contains(SchoolSettingsState.texts[name]),
            kit.option(i18n.manage.TERMS_CHOICE[AS_IT_IS], SchoolSettingsState.texts[name]),
        ),
        name=name,
        default_value=SchoolSettingsState.texts[name],
        hint=_hint(name),
        error=SchoolSettingsState.problems[name],
    )


def _teacher_field(name: str, choices: rx.Var[dict[str, str]]) -> rx.Component:
    return kit.option_field(
        i18n.manage.SETTINGS_LABEL[name],
        name,
        *[kit.option(choices[value], value) for value in (NO, YES)],
        name=name,
        default_value=SchoolSettingsState.texts[name],
        hint=_hint(name),
        error=SchoolSettingsState.problems[name],
    )


def _hint(name: str) -> rx.Var[str]:
    fixed = i18n.manage.SETTINGS_FIXED[name]
    return rx.cond(SchoolSettingsState.fixed[name], fixed, i18n.manage.SETTINGS_HINT[name])


PAGE = Page(
    route="/manage/settings",
    build=school_settings,
    title=manage_title(SchoolSettingsState, i18n.manage.AREA["settings"]),
    state=SchoolSettingsState,
    is_public=False,
)
