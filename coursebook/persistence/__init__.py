"""Every SQL query of the product: engines, tables, repositories and maintenance."""
