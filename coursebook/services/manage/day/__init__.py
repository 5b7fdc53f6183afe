"""The day of the school: what happens today, and what needs somebody."""
