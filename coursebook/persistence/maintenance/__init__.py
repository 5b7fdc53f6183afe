"""Backup, restore and migration of a database."""
