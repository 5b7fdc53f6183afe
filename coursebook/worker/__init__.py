"""What runs by itself, in every process; rows are claimed in the database."""
