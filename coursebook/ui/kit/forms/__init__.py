"""Forms of the console: fields with label, hint and error, and what stands around them."""
