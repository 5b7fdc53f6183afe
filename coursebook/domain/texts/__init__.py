"""Texts that people type: Markdown, and placeholders in it."""
