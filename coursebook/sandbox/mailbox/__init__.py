"""An SMTP server that keeps what it receives."""
