"""The HTTP API: a FastAPI program without a lifespan of its own."""
