"""The operators' dashboard: how the service does, and who uses it."""
