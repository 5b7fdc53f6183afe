"""Parts of pages: functions from rows to markup, built from the kit."""
