"""The queries of check-in: who comes to a meeting, and who came."""
