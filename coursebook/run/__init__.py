"""What `coursebook run` does: check, build, migrate, start the parts, watch over them."""
