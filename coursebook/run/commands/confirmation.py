"""Ask at the terminal before a command changes data."""

import typer


def is_confirmed(question: str) -> bool:
    """Ask a yes-or-no question; no terminal and Ctrl-C mean no."""
    try:
        return typer.confirm(question, default=False)
    except typer.Abort:
        print()
        return False
