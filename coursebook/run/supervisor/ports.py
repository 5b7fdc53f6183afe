"""Are the ports free that we are going to listen on?"""

import errno
import socket

from coursebook.run.problem import CannotStart

LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def require_free(port: int, purpose: str, option: str) -> None:
    """Raise CannotStart when someone listens on `port` of this machine.

    Both loopback addresses are tried: a browser that opens `localhost` takes `::1` first, so a
    stranger there would get our visitors. `option` is what a person can change.
    """
    if not 0 < port < 65536:  # noqa: PLR2004
        raise CannotStart(f"{port} is not a valid port number (1 to 65535); {option}.")
    for family, address in LOOPBACKS:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except PermissionError:
                raise CannotStart(f"Port {port} ({purpose}) needs root; {option}.") from None
            except OSError as problem:
                if problem.errno == errno.EADDRINUSE:
                    raise CannotStart(
                        f"Port {port} ({purpose}) is in use by another program; {option}."
                    ) from None
                # EADDRNOTAVAIL, EAFNOSUPPORT: a machine without IPv6
