"""The admin's pages of one user: its keys, its usage and its memories, and the end of those."""
