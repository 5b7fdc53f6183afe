"""Lists of courses: filters, sorting and the search index."""
