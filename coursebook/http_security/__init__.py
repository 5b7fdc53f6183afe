"""Security headers, content policy, blocked paths and socket checks, around pages and API."""
