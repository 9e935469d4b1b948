"""The hosted service as its compose file has it, process by process and without containers."""
