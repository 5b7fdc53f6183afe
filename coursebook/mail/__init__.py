"""What the product writes to people, and how it leaves the house."""
