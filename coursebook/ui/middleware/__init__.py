"""What every event of a page passes before and after its handler."""
