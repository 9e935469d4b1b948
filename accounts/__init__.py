"""Policy: users, API keys, tiers, and what each may do. Knows nothing of memories or of HTTP routes."""
