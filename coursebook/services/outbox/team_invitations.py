"""Invitations to the team: the code of the link is made here, and only its hash is stored."""

import secrets

from coursebook.domain.rights import GrantState
from coursebook.mail.smtp import SmtpSender
from coursebook.mail.team import InvitationFacts, team_invitation
from coursebook.persistence.schema.tables import OutboxMessage
from coursebook.persistence.unit_of_work import writing
from coursebook.services.context import Context
from coursebook.services.manage.invitations import CODE_BYTES, hash_of, link_of, state_of_grant
from coursebook.services.manage.school_settings import school_view, sender_of
from coursebook.services.outbox.mails import PermanentFailure


async def send_invitation(
    context: Context, sender: SmtpSender | None, message: OutboxMessage
) -> None:
    """Send the mail of an invitation that is still open. Raises MailNotSent, PermanentFailure.

    A second try has a new code, so the link of a mail whose delivery was unclear may be void.
    """
    if sender is None:
        raise PermanentFailure("no mail server is set (SMTP_URL)")
    code = secrets.token_urlsafe(CODE_BYTES)
    async with writing(context.database) as work:
        grant = await work.grants.lock(message.payload["grant_id"])
        if grant is None or state_of_grant(grant, context.clock()) is not GrantState.INVITED:
            return
        grant.code_hash = hash_of(code)
        titles = await work.grants.titles(grant.course_ids)
        accounts = await work.users.by_email(grant.email)
        school = await school_view(context, work)
        assert grant.expires_at is not None, "an invitation has an end"
        own_language = next((user.language for user in accounts if user.language), "")
        facts = InvitationFacts(
            role=grant.role,
            courses=tuple(titles[id_] for id_ in grant.course_ids if id_ in titles),
            link=link_of(context, code),
            until=grant.expires_at,
            timezone=school.timezone or "UTC",
            inviter=message.payload.get("inviter", ""),
            school=await sender_of(context, work),
            language=own_language or message.payload.get("language", ""),
            look=context.look,
        )
        address = grant.email
    await sender.send(team_invitation(address, facts), key=message.dedupe_key)
