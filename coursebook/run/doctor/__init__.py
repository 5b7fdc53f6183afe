"""`coursebook doctor`: checks a configuration from end to end."""
