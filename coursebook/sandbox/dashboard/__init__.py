"""The sandbox's dashboard: payments, refunds, disputes, events, mail, sign-ins, clock, faults."""
