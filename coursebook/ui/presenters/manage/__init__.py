"""Presenters of the console: from views to what its pages show. Pure."""
