"""What the commands of `coursebook` do, one module each."""
