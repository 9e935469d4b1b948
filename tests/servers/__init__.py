"""Real servers that the tests start themselves, with no Docker and no root, and take down with them."""
