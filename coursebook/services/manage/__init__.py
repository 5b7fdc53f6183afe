"""The operator's side: rights, courses, the team and the settings of the school."""
