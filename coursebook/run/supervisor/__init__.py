"""`coursebook run`: starts the processes, watches them, ends them together."""
