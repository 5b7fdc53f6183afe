"""Settings: defaults need nothing, and an incomplete configuration gives one sentence."""

from email.utils import parseaddr

import pytest

from coursebook.settings import SettingsError, load_settings
from coursebook.wiring import check, mail_from_of

REAL = {
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "CLERK_PUBLISHABLE_KEY": "pk_test_Y2xlcmsuZXhhbXBsZS5vcmck",
    "CLERK_SECRET_KEY": "sk_test_2",
    "MAIL_FROM": "School <hello@school.test>",
}
SANDBOX = {
    "COURSEBOOK_SANDBOX_URL": "http://localhost:3001",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1, whsec_2",
}


def put(monkeypatch, values):
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", ["Oficina do Barro", 'Say "Clay"', "Größe & Co., Köln"])
def test_mails_of_the_sandbox_come_from_the_school(monkeypatch, name):
    monkeypatch.setenv("SCHOOL_NAME", name)
    assert parseaddr(mail_from_of(load_settings())) == (name, "no-reply@coursebook.test")
    monkeypatch.setenv("MAIL_FROM", "Clay <clay@school.test>")
    assert mail_from_of(load_settings()) == "Clay <clay@school.test>"


def test_defaults_have_no_sandbox_and_no_keys():
    settings = load_settings()
    assert not settings.is_sandbox
    assert not settings.has_keys


def test_a_real_configuration_has_its_token_issuer(monkeypatch):
    put(monkeypatch, REAL)
    settings = load_settings()
    assert settings.has_keys
    assert settings.token_issuer == "https://clerk.example.org"
    assert settings.stripe_address == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://Courses.Example.org/", "https://courses.example.org"),
        ("https://courses.example.org:443", "https://courses.example.org"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://courses.example.org:80", "https://courses.example.org:80"),
    ],
)
def test_the_public_address_is_normalised_to_an_origin(monkeypatch, written, meant):
    monkeypatch.setenv("PUBLIC_URL", written)
    assert load_settings().public_url == meant


def test_the_sandbox_serves_stripe_and_issues_tokens(monkeypatch):
    put(monkeypatch, SANDBOX)
    settings = load_settings()
    assert settings.token_issuer == "http://localhost:3001"
    assert settings.stripe_address == "http://127.0.0.1:3001"
    assert settings.stripe_webhook_secret == ("whsec_1", "whsec_2")


@pytest.mark.parametrize(
    "name",
    ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "CLERK_PUBLISHABLE_KEY", "MAIL_FROM"],
)
def test_a_missing_key_is_named(monkeypatch, name):
    put(monkeypatch, {k: v for k, v in REAL.items() if k != name})
    if name == "CLERK_PUBLISHABLE_KEY":
        monkeypatch.delenv("CLERK_SECRET_KEY")
    with pytest.raises(SettingsError, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "PUBLIC_URL"),
        ({"STRIPE_SECRET_KEY": "hello"}, "STRIPE_SECRET_KEY"),
        ({"MAIL_FROM": ""}, "MAIL_FROM"),
        ({"SCHOOL_EMAIL": "hello"}, "SCHOOL_EMAIL"),
        ({"SCHOOL_EMAIL": "a@b.test, c@d.test"}, "SCHOOL_EMAIL"),
        ({"SCHOOL_NAME": "Mill\nSchool"}, "SCHOOL_NAME"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_live_1"}, "STRIPE_PUBLISHABLE_KEY"),
        ({"CLERK_PUBLISHABLE_KEY": "pk_test_\u00e4"}, "CLERK_PUBLISHABLE_KEY"),
        ({"CLERK_SECRET_KEY": ""}, "CLERK_JWT_KEY"),
        ({"PUBLIC_URL": "courses.example.org"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.org/courses"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.org?a"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://me@example.org"}, "PUBLIC_URL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"HOLD_MINUTES": "30"}, "HOLD_MINUTES"),
        ({"CHECKOUT_LIMIT": "often"}, "CHECKOUT_LIMIT"),
        ({"SEARCH_LIMIT": "often"}, "SEARCH_LIMIT"),
        ({"TOKEN_LIMIT": "0"}, "TOKEN_LIMIT"),
        ({"STRIPE_PAGE_HOST": "https://pay.example.org"}, "STRIPE_PAGE_HOST"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"COURSES_LANGUAGE": "English"}, "COURSES_LANGUAGE"),
        ({"OPERATOR_EMAIL": "money@school.test, nobody"}, "OPERATOR_EMAIL"),
    ],
)
def test_a_bad_value_is_named_in_one_line(monkeypatch, changed, named):
    put(monkeypatch, {**REAL, **changed})
    with pytest.raises(SettingsError, match=named) as refused:
        load_settings()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "live key"),
        ({"COURSEBOOK_SANDBOX_URL": "http://example.org"}, "COURSEBOOK_SANDBOX_URL"),
        ({"CLERK_PUBLISHABLE_KEY": "pk_test_x"}, "CLERK_PUBLISHABLE_KEY"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_the_sandbox_does_not_run_beside_real_keys(monkeypatch, changed, named):
    put(monkeypatch, {**SANDBOX, **changed})
    with pytest.raises(SettingsError, match=named):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("SMTP_URL", "ftp://host"), ("MAIL_FROM", "nonsense"), ("CLERK_JWT_KEY", "not a key")],
)
def test_settings_checked_by_their_users_are_checked_before_the_start(monkeypatch, name, value):
    put(monkeypatch, {**REAL, name: value})
    with pytest.raises(SettingsError, match=name):
        check(load_settings())


def test_secrets_are_not_in_the_repr_of_settings(monkeypatch):
    put(monkeypatch, REAL)
    assert "sk_test_1" not in repr(load_settings())
