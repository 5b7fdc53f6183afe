"""The stand-in for Clerk: accounts, sessions and session tokens."""
