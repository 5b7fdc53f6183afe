"""Middleware that every event of a page passes before its handler, and the guard of the socket."""
