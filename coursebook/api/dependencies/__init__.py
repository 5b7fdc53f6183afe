"""Parameters of the routes: the caller, the services, idempotency keys."""
