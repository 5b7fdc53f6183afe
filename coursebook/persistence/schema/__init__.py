"""The tables, their column types and helpers for statements on them."""
