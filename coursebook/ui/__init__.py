"""What people see. Words in `words.py`, looks in `kit/`, behaviour in `states/`."""
