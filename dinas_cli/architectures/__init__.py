"""What travels between commands: records, requests, limits."""
