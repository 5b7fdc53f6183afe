"""The rules: plain Python, no input or output, `now` is always an argument."""
