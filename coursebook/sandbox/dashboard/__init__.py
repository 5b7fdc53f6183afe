"""The sandbox's dashboard: payments, refunds, disputes, events, faults."""
