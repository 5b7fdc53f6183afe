"""What stands before pages and API: security headers, content policy, addresses that are shut."""
