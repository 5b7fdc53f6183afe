"""Check-in: who came to a meeting, and the ticket codes that people show there."""
