"""The base of the states of the console: who may see the page, and what the page shows."""

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import Forbidden, NotFound, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.ui.states.error_messages import sentence_of
from coursebook.ui.states.personal_page import PersonalPageState
from coursebook.wiring import services

HIDDEN = (Forbidden, NotFound, Unauthenticated)
"""Errors after which the page is that of an unknown address: it tells nobody that it exists."""

UTC_NAME = "UTC"


async def school_zone() -> str:
    """Return the name of the school's time zone; "UTC" while it has none."""
    return (await services().school_profile.current()).timezone or UTC_NAME


class ManageState(PersonalPageState, mixin=True):
    """Mixed into a state that has a session: `class TeamState(ManageState, SessionState)`.

    `view_state` is `loading`, `content`, `missing` or `error`. What is loaded belongs to the person
    `shown_for` and to the path `shown_path`; the frame (`manage_page`) shows it to nobody else and
    nowhere else. The state implements `_load`. Every other handler that reads or changes something
    calls a service with `self._require()` or `await self._fresh(token)`, and the service asks for
    the rights again: a handler can be called by anybody. `inbox_count` stands beside "Money" in the
    navigation, "" for none.
    """

    shown_path: str = ""
    inbox_count: str = ""

    async def _open(self) -> None:
        path = self.router.url.path
        try:
            await self._load_for(self._require())
            self.view_state, self.error = "content", ""
        except HIDDEN:
            self.reset()  # nothing of an earlier person stays in this tab
            self.view_state = "missing"
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
        self.shown_for, self.shown_path = self.viewer, path

    async def _load_for(self, who: Principal) -> None:
        rights = await services().access.rights_of(who)
        self._show_areas(rights)
        if not rights.permissions:
            raise Forbidden
        await self._count_inbox(rights)
        await self._load(who, rights)

    async def _count_inbox(self, rights: Rights) -> None:
        """Count the open entries of the money inbox, for whoever may see money."""
        is_shown = rights.allows(Permission.SEE_MONEY)
        count = await services().inbox.count_open(rights) if is_shown else 0
        self.inbox_count = str(count or "")

    async def _load(self, who: Principal, rights: Rights) -> None:
        """Read what the page shows into the variables of the state.

        Any Forbidden or NotFound makes it the page of an unknown address. What an earlier person
        or address left in the variables has to be replaced here.
        """
        raise NotImplementedError
