"""What operators do: the money inbox, merging accounts, moving an installation."""
