"""Topics: the names of what can change on an open page. A topic carries no data."""

EVERYTHING = "*"
"""Notifications may have been missed: every subscriber reads its data again."""
SCHOOL = "school"
"""The settings of the school, such as its name."""
CATALOG = "catalog"
"""What is offered: a course was edited, published, closed or taken back. Not its places."""
AT_ONCE = frozenset({SCHOOL, CATALOG})
"""Kept pages are old from the commit on. Places change too often: they wait for a notification."""
TEAM = "team"
"""The roles of people: who may do what on the operator's side."""
INBOX = "inbox"
"""The money inbox: an entry was opened, acted on or closed."""


def course(course_id: str) -> str:
    """Return the topic of a course's places."""
    return f"course:{course_id}"


def roster(course_id: str) -> str:
    """Return the topic of everything about a course's bookings, such as a payment.

    Only the operator's side shows that; the places left are the topic of the course.
    """
    return f"roster:{course_id}"


def waiting(course_id: str) -> str:
    """Return the topic of a course's waiting list: who waits, and in which order."""
    return f"waiting:{course_id}"


def user(user_id: str) -> str:
    """Return the topic of a person's bookings, by our own id of the person."""
    return f"user:{user_id}"


def newcomer(subject: str) -> str:
    """Return the topic of a person's first booking. Before it we have no id of our own for them."""
    return f"newcomer:{subject}"
