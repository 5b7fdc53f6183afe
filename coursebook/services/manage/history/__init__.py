"""What has happened: rows of the audit trail as operators may read them."""
