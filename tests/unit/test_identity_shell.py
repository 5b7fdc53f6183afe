"""The components that carry the session token: their compiled code and what it must not contain."""

import json
import re
from pathlib import Path

import pytest
import reflex as rx

from coursebook.identity import shell
from coursebook.identity.provider import CLERK_PINS, PINS

ROOT = Path(__file__).resolve().parents[2]


def shown(token: rx.Var[str]) -> rx.event.EventSpec:
    """An event handler outside any state: a state would stay registered for the whole test run."""
    return rx.console_log(token)


SOURCES = sorted(Path(shell.__file__).parent.glob("*.js*"))


def compiled(component):
    return "".join(str(component).split())


def test_the_shell_receives_the_flag_and_sends_the_token():
    code = compiled(shell.identity_shell(on_token=shown, is_known=rx.Var("known", _var_type=bool)))
    assert code.startswith("jsx(IdentityShell,{isKnown:")
    assert "onToken:((_ev_0)=>" in code
    assert '["log"](_ev_0)' in code


def test_a_click_carries_the_token():
    code = compiled(shell.token_button("Book now", on_press=shown))
    assert "onPress:((_ev_0)=>" in code
    assert '["log"](_ev_0)' in code
    assert 'type:"button"' in code


def test_a_form_carries_the_token_and_the_texts_of_its_fields():
    def sent(token: rx.Var[str], texts: rx.Var[dict[str, str]]) -> rx.event.EventSpec:
        return rx.console_log(token + texts.to_string())

    form = shell.token_form(rx.el.input(name="title"), on_send=sent, class_name="wide")
    code = compiled(form)
    assert code.startswith("jsx(TokenForm,{")
    assert "onSend:((_token,_texts)=>" in code
    assert 'className:"wide"' in code


def test_attributes_reach_the_button():
    button = shell.token_button(
        "Book", class_name="wide", disabled=True, aria_label="Book now", data_testid="book"
    )
    code = compiled(button)
    for part in ('className:"wide"', "disabled:", '"aria-label":"Booknow"', '"data-testid":"book"'):
        assert part in code


def test_the_sign_in_panel_accepts_handlers_with_and_without_the_token():
    assert "onSignedIn:" in compiled(shell.sign_in_panel(on_signed_in=shown))
    assert "onSignedIn:" in compiled(shell.sign_in_panel(on_signed_in=rx.console_log("in")))


def test_the_sign_out_button_reports_success_and_failure():
    code = compiled(
        shell.sign_out_button(on_signed_out=rx.console_log("out"), on_problem=rx.noop())
    )
    assert "onSignedOut:" in code
    assert "onProblem:" in code


FOLDER = "$/public/external/coursebook/identity/shell"


def test_the_sandbox_components_come_from_one_file_without_packages():
    parts = {shell.IdentityShell, shell.SignInPanel, shell.TokenButton, shell.SignOutButton}
    assert {part.create().library for part in parts} == {f"{FOLDER}/sandbox.jsx"}
    assert shell.IdentityShell.create().lib_dependencies == []
    assert shell.parts_of(has_clerk=False) == (f"{FOLDER}/sandbox.jsx", [])


def test_the_clerk_components_need_the_pinned_package():
    library, packages = shell.parts_of(has_clerk=True)
    assert library == f"{FOLDER}/clerk.jsx"
    [package] = packages
    name, _, version = package.rpartition("@")
    pins = json.loads((ROOT / CLERK_PINS / "package-lock.json").read_text())["packages"]
    assert pins[f"node_modules/{name}"]["version"] == version


def test_both_files_export_the_same_components():
    for file in ("sandbox.jsx", "clerk.jsx"):
        code = (Path(shell.__file__).parent / file).read_text()
        for part in ("IdentityShell", "SignInPanel", "TokenButton", "SignOutButton"):
            assert re.search(rf"^export .*\b{part}\b", code, re.MULTILINE), f"{file}: {part}"


def test_the_sandbox_components_do_not_mention_clerk():
    for source in SOURCES:
        if not source.name.startswith("clerk"):
            assert "@clerk" not in source.read_text()
    assert "@clerk" not in (ROOT / PINS / "package-lock.json").read_text()


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_components_contain_no_url_and_evaluate_no_text(source):
    code = source.read_text()
    for never in ("localhost", "http://", "https://", "eval(", "Function(", "innerHTML"):
        assert never not in code
