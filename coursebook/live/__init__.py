"""Live updates: who changes something says what to look at again, in every process at once."""
