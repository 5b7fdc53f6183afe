"""The resources of Clerk's Frontend API, as ClerkJS reads them."""

import time
from typing import Any

from tests.clerk.accounts import Account

OFF: dict[str, Any] = {
    "enabled": False,
    "required": False,
    "used_for_first_factor": False,
    "first_factors": [],
    "used_for_second_factor": False,
    "second_factors": [],
    "verifications": [],
    "verify_at_sign_up": False,
}
ON = {**OFF, "enabled": True, "required": True}
ATTRIBUTES = {
    "email_address": {
        **ON,
        "used_for_first_factor": True,
        "first_factors": ["email_code"],
        "verifications": ["email_code"],
        "verify_at_sign_up": True,
    },
    "password": ON,
    **dict.fromkeys(
        (
            "phone_number",
            "username",
            "first_name",
            "last_name",
            "web3_wallet",
            "authenticator_app",
            "backup_code",
            "passkey",
        ),
        OFF,
    ),
}
ENVIRONMENT = {
    "object": "environment",
    "id": "env_tests",
    "auth_config": {"object": "auth_config", "id": "aconf_tests", "single_session_mode": True},
    "display_config": {
        "object": "display_config",
        "id": "display_config_tests",
        "application_name": "coursebook",
        "instance_environment_type": "production",
        "preferred_sign_in_strategy": "password",
        "branded": False,
    },
    "user_settings": {
        "attributes": ATTRIBUTES,
        "actions": {"create_organization": False, "delete_self": False},
        "social": {},
        "sign_in": {"second_factor": {"required": False, "enabled": False}},
        "sign_up": {"mode": "public", "captcha_enabled": False, "progressive": True},
        "password_settings": {"min_length": 8, "max_length": 72},
    },
    "organization_settings": {"enabled": False},
    "commerce_settings": {"billing": {"user": {"enabled": False}, "organization": {}}},
    "api_keys_settings": {"user_api_keys_enabled": False, "orgs_api_keys_enabled": False},
}
DAY_MS = 24 * 3600 * 1000


def client(
    client_id: str, sessions: list[dict[str, Any]], trying: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the client resource: one browser."""
    now = int(time.time() * 1000)
    return {
        "object": "client",
        "id": client_id,
        "sessions": sessions,
        "sign_in": trying,
        "sign_up": None,
        "last_active_session_id": sessions[0]["id"] if sessions else None,
        "cookie_expires_at": now + 30 * DAY_MS,
        "created_at": now,
        "updated_at": now,
    }


def session(session_id: str, account: Account, token: str) -> dict[str, Any]:
    """Return an active session."""
    now = int(time.time() * 1000)
    return {
        "object": "session",
        "id": session_id,
        "status": "active",
        "expire_at": now + DAY_MS,
        "abandon_at": now + 7 * DAY_MS,
        "last_active_at": now,
        "last_active_organization_id": None,
        "user": _user(account),
        "public_user_data": _public(account),
        "last_active_token": {"object": "token", "jwt": token},
        "factor_verification_age": [0, -1],
        "tasks": None,
        "created_at": now,
        "updated_at": now,
    }


def sign_in(account: Account, session_id: str = "") -> dict[str, Any]:
    """Return a sign-in that awaits the password or has created a session."""
    return {
        "object": "sign_in_attempt",
        "id": f"sia_{account.id}",
        "status": "complete" if session_id else "needs_first_factor",
        "supported_identifiers": ["email_address"],
        "identifier": account.email,
        "supported_first_factors": [{"strategy": "password"}],
        "supported_second_factors": None,
        "first_factor_verification": None,
        "second_factor_verification": None,
        "user_data": _public(account),
        "created_session_id": session_id or None,
    }


def _public(account: Account) -> dict[str, Any]:
    return {
        "first_name": account.first,
        "last_name": account.last,
        "image_url": "",
        "has_image": False,
        "identifier": account.email,
        "user_id": account.id,
    }


def _user(account: Account) -> dict[str, Any]:
    now = int(time.time() * 1000)
    address = {
        "object": "email_address",
        "id": f"idn_{account.id}",
        "email_address": account.email,
        "verification": {"object": "verification", "status": "verified", "strategy": "email_code"},
        "linked_to": [],
    }
    return {
        "object": "user",
        "id": account.id,
        "first_name": account.first,
        "last_name": account.last,
        "image_url": "",
        "has_image": False,
        "password_enabled": True,
        "email_addresses": [address],
        "primary_email_address_id": address["id"],
        "phone_numbers": [],
        "external_accounts": [],
        "organization_memberships": [],
        "public_metadata": {},
        "unsafe_metadata": {},
        "created_at": now,
        "updated_at": now,
    }
