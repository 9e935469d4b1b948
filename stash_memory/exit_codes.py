"""The exit codes of every failed command, the server's too (docs/command-line.md)."""

NOT_THERE, WRONG_USE, UNAVAILABLE = 1, 2, 3
