"""States of the pages about the accounts."""
