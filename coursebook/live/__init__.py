"""Live updates: publish a change once, and every process notifies its open pages."""
