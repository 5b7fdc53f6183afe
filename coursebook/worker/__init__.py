"""Background work in every process. Processes claim rows in the database."""
