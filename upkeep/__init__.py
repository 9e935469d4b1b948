"""What keeps the service in shape: the purge, the end of moves, the roll-up of usage, heartbeats and migrations."""
