"""The routes of the operator's side, for people with a right to manage."""
