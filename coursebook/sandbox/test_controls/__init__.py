"""The controls for tests under `/_test`: clock, payments, faults, deliveries."""
