"""The views of the API: one viewset in each file."""
