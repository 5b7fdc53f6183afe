"""The mails to people who wait, by the kind of their message in the outbox."""

from enum import StrEnum


class WaitingMail(StrEnum):
    """Each has a function in `coursebook/mail/waiting_list.py` and a table of texts."""

    JOINED = "mail:waiting_joined"
    OFFER = "mail:waiting_offer"
    OVER = "mail:waiting_over"
