"""Connections, transactions, and the settings that each kind of database needs."""
