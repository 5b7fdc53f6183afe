"""What people see. Words in `words/`, looks in `kit/`, behaviour in `states/`."""
