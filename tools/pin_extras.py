"""Pin packages without their extras too: `python tools/pin_extras.py FILE...`, by `make lock`.

Where a lock file has only `granian[reload]==2.8.7`, pip 23 stops at `granian>=2.8` of another
package, as it does at `granian[reload]>=2.7` where there is only `granian==2.8.7`: in the mode of
hashes both must be pinned.
"""

import re
import sys
from pathlib import Path

WITH_EXTRAS = re.compile(r"^([\w.-]+)\[[^\]]+\](.*)", re.DOTALL)


def with_plain_pins(text: str) -> str:
    """Return a lock file with a second pin, without extras, after each pin that has some."""
    pins = []
    for pin in re.split(r"\n(?=\w)", text.rstrip("\n")):
        pins.append(pin)
        match = WITH_EXTRAS.match(pin)
        if match:
            pins.append(match[1] + match[2])
    return "\n".join(pins) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(with_plain_pins(path.read_text(encoding="utf-8")), encoding="utf-8")
