"""Usage: counted in each process, written in the background, and read by the operators' pages."""
