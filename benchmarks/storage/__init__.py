"""The storage backends alone, on bytes, beside their peers."""
