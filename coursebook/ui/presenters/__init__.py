"""From views of the services to what pages show. Pure functions."""
