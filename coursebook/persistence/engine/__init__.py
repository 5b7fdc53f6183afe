"""Connections, transactions and what each kind of database needs."""
