"""Webhook endpoints, delivery queues and signatures."""
