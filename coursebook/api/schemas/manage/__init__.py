"""Bodies of the operator's side."""
