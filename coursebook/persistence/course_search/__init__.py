"""The list of courses: filters, sorting, and the index of the search."""
