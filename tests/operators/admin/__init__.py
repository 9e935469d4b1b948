"""The operators' pages, through Django's client."""
