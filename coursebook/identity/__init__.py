"""Sign-in: principals, token verification, and the page component that sends the token."""
