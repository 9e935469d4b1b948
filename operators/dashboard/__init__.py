"""The operators' dashboard: how the service does, and who uses it. It joins what only this app may join."""
