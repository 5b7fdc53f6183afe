"""States of the team, and of invitations to it."""
