"""The README and the pages under docs/, of which each block of code is run."""
