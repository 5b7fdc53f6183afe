"""Who is asking: principals, token checks, and the part of the page that carries the token."""
