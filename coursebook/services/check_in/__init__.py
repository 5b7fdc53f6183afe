"""Check-in: the list of a meeting for the phone at the door, its ticks, and who stayed away."""
