"""How courses are edited: states, meetings, offers, and what follows for people who booked."""
