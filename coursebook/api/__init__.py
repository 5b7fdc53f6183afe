"""What machines call: the HTTP API of the contract, a FastAPI program without its own lifespan."""
