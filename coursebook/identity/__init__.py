"""Sign-in: principals, token verification, and the page component that carries the token."""
