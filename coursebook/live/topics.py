"""Names of what can change under somebody's eyes. A topic says what to look at again, no more."""

EVERYTHING = "*"
"""Something may have been missed: whoever watches anything looks again."""


def course(course_id: str) -> str:
    """Return the topic of a course's places."""
    return f"course:{course_id}"


def user(user_id: str) -> str:
    """Return the topic of a person's bookings, by our own id of the person."""
    return f"user:{user_id}"


def newcomer(subject: str) -> str:
    """Return the topic of somebody's first booking; before it we have no id of our own for them."""
    return f"newcomer:{subject}"


def course_id_of(topic: str) -> str:
    """Return the course that a topic is about, or ""."""
    kind, _, name = topic.partition(":")
    return name if kind == "course" else ""
