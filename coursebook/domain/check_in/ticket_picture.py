"""The QR code of a ticket as a picture."""

import base64
import io

import segno

from coursebook.domain.check_in.ticket_code import qr_text

LEVEL = "m"
"""15 % of the picture may be damaged, such as by a scratched screen."""
QUIET_ZONE = 4
"""White modules around the code, as the standard asks for (ISO/IEC 18004)."""


def ticket_png(code: str, *, scale: int = 1) -> bytes:
    """Return the picture as PNG, `scale` pixels for each module; black on white in any scheme."""
    picture = io.BytesIO()
    qr = segno.make_qr(qr_text(code), error=LEVEL, boost_error=False)
    qr.save(picture, kind="png", scale=scale, border=QUIET_ZONE)
    return picture.getvalue()


def ticket_data_url(code: str) -> str:
    """Return the picture as the address of an image, some 300 bytes; "" without a code."""
    if not code:
        return ""
    return f"data:image/png;base64,{base64.b64encode(ticket_png(code)).decode()}"
