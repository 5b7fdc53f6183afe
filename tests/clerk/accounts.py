"""The accounts of the test Clerk, and a visitor who signs in with one."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import expect

from tests.e2e.people import Person


@dataclass(frozen=True)
class Account:
    """An account at Clerk."""

    id: str
    email: str
    first: str
    last: str
    password: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


SAM = Account("user_clerksam", "sam@school.test", "Sam", "Clerk", "a long pass phrase of Sam's")
SALLY = Account("user_clerksally", "sally@school.test", "Sally", "Clerk", "another one of Sally's")
ACCOUNTS = {account.email: account for account in (SAM, SALLY)}


class Visitor(Person):
    """A person in front of Clerk's own form."""

    async def types(self, account: Account, password: str = "") -> None:
        """Fill in Clerk's form: the address, then the password (by default the right one)."""
        await self.page.get_by_label("Email address").fill(account.email)
        await self.press_continue()
        await self.types_password(password or account.password)

    async def types_password(self, password: str) -> None:
        """Fill in the second step of Clerk's form."""
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.press_continue()

    async def press_continue(self) -> None:
        """Press Clerk's button."""
        await self.page.get_by_role("button", name="Continue", exact=True).click()

    async def signs_in(self, account: Account, path: str = "/courses") -> None:
        """Sign in on the sign-in page, and expect to be sent to `path`."""
        await self.page.goto(f"/sign-in?next={path}")
        await self.types(account)
        await self.is_signed_in(account)

    async def is_signed_in(self, account: Account) -> None:
        """Wait until the page shows the account."""
        header: Any = self.page.get_by_role("banner")
        await expect(header.get_by_text(account.name)).to_be_visible()
        await expect(header.get_by_role("button", name="Sign out")).to_be_visible()

    async def is_signed_out(self) -> None:
        """Wait until the page offers to sign in."""
        header: Any = self.page.get_by_role("banner")
        await expect(header.get_by_role("link", name="Sign in")).to_be_visible()
