"""The SMTP server and the parser of stored mail."""
