"""Parts of pages: functions from rows to markup, made of the kit."""
