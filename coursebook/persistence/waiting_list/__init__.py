"""The entries of waiting lists."""
