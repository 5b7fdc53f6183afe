"""Signing events and delivering them to webhook endpoints."""
