"""Moving bookings to other courses, and handing places on to other people."""
