"""Texts of the pages that are no translation: the brand of the school, the languages there are.

They travel with the catalog of a page, so that a built page shows any brand.
"""

from typing import Any

from coursebook import school
from coursebook.cldr import language_name
from coursebook.school.stylesheet import style_url
from coursebook.ui.i18n.catalogs import LANGUAGES

DEFAULT_FONT = "/fonts/fraunces-600.woff2"


def brand_texts() -> dict[str, Any]:
    """Return the texts by name, the same in every language; "" for those that the school lacks."""
    brand = school.current()
    return {
        "BRAND": brand.name,
        "FOOTER_LINE": brand.footer,
        "IMPRINT_URL": brand.imprint_url,
        "PRIVACY_URL": brand.privacy_url,
        "LOGO_URL": brand.logo_url,
        "FONT_URL": brand.font_url or DEFAULT_FONT,
        "STYLE_URL": style_url(brand),
        "LANGUAGE_CHOICES": [{"code": code, "name": language_name(code)} for code in LANGUAGES],
    }
