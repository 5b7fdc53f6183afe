"""The HTTP API: a FastAPI application without its own lifespan."""
