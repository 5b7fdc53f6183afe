"""Mails: their texts, calendar entries and delivery by SMTP."""
