"""Open pages that change by themselves: who looks at what, and how it reaches their browser."""
