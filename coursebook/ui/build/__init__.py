"""Plugins of the Reflex build."""
