"""The accounts of the sandbox: five fixed ones; any other address is a student.

Tara and Ari have their roles from the product: `coursebook run` gives them to an empty database.
"""

import hashlib
import re
from dataclasses import dataclass

MAX_ADDRESS_LENGTH = 254
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class UnknownPerson(ValueError):
    """The text is not an email address; the message is one sentence."""


@dataclass(frozen=True)
class Person:
    """An account. `role` is "student" or "operator"."""

    email: str
    name: str
    role: str = "student"

    @property
    def user_id(self) -> str:
        """The user id: the same for an address in every sandbox, so that it fits a new database."""
        return f"user_sandbox_{hashlib.sha256(self.email.encode()).hexdigest()[:20]}"

    @property
    def metadata(self) -> dict[str, str]:
        """The token's `metadata` claim, which is Clerk's `public_metadata` of the user."""
        return {"role": self.role} if self.role != "student" else {}


PEOPLE = (
    Person("sam@example.test", "Sam Student"),
    Person("sally@example.test", "Sally Student"),
    Person("olga@example.test", "Olga Operator", "operator"),
    Person("tara@example.test", "Tara Teacher"),
    Person("ari@example.test", "Ari Accountant"),
)


def person_of(address: object) -> Person:
    """Return the person with this address. Raises `UnknownPerson` if it is not an address."""
    email = address.strip().lower() if isinstance(address, str) else ""
    if len(email) > MAX_ADDRESS_LENGTH or not _ADDRESS.fullmatch(email):
        raise UnknownPerson("This is not an email address.")
    people = {person.email: person for person in PEOPLE}
    return people.get(email) or Person(email, _name_from(email))


def _name_from(email: str) -> str:
    words = re.split(r"[._+-]+", email.split("@", maxsplit=1)[0])
    return " ".join(word.capitalize() for word in words if word) or email
