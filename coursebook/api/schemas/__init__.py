"""The bodies and parameters of the API."""
