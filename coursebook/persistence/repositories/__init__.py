"""One module for each table or group of tables: its queries and its writes."""
