"""The page at the door: who is coming, who is here, a scanner, and a walk-in."""
