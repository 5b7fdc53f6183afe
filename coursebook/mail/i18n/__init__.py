"""The texts of the mails, in one catalog for each language: `en.toml` and its sisters."""

from coursebook.mail.i18n.catalogs import ENGLISH, LANGUAGES, Texts, check_texts, of

__all__ = ["ENGLISH", "LANGUAGES", "Texts", "check_texts", "of"]
