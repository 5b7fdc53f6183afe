"""Pure functions that turn views of the services into rows of the pages."""
