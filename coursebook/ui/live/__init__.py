"""Live updates of open pages: changes are pushed to the browsers that show them."""
