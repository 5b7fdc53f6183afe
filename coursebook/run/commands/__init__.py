"""The commands of `coursebook`, one module each."""
