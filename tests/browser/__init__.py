"""The operators' pages in a real browser."""
