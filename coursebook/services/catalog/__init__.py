"""The public list of courses and its search."""
