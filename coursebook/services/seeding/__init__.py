"""Sample courses and sample students."""
