"""What every command ends with that does not end with 0, the server's commands too (docs/command-line.md)."""

NOT_THERE, WRONG_USE, UNAVAILABLE = 1, 2, 3
