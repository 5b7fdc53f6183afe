"""What routes declare as parameters: the caller, the services, idempotency keys."""
