"""Building the pages with Reflex and Vite."""
