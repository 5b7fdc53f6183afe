"""The states of the console. Each starts with what its viewer may do (`base.py`)."""
