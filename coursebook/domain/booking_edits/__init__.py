"""What the school changes about a booking: money by hand, moves, who takes part."""
