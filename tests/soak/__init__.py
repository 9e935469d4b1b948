"""A load that knows what it wrote: every answer is checked against it."""
