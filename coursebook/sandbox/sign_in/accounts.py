"""The people of the sandbox: three that everybody knows, and anybody else as a student."""

import hashlib
import re
from dataclasses import dataclass

LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class UnknownPerson(ValueError):
    """The text is no e-mail address, so it cannot be anybody; the message is one sentence."""


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in. `role` is "student" or "operator"."""

    email: str
    name: str
    role: str = "student"

    @property
    def user_id(self) -> str:
        """The same for the same address in every sandbox, so that a new database still fits."""
        return f"user_sandbox_{hashlib.sha256(self.email.encode()).hexdigest()[:20]}"

    @property
    def metadata(self) -> dict[str, str]:
        """What the token's `metadata` claim says; Clerk's `public_metadata` of the user."""
        return {"role": self.role} if self.role != "student" else {}


PEOPLE = (
    Person("sam@example.test", "Sam Student"),
    Person("sally@example.test", "Sally Student"),
    Person("olga@example.test", "Olga Operator", "operator"),
)


def person_of(address: object) -> Person:
    """Return the person with this address; raises `UnknownPerson` when it is no address."""
    email = address.strip().lower() if isinstance(address, str) else ""
    if len(email) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(email):
        raise UnknownPerson("This is not an email address.")
    known = {person.email: person for person in PEOPLE}
    return known.get(email) or Person(email, _name_from(email))


def _name_from(email: str) -> str:
    words = re.split(r"[._+-]+", email.split("@", maxsplit=1)[0])
    return " ".join(word.capitalize() for word in words if word) or email
