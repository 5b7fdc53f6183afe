"""The accounts in words."""
