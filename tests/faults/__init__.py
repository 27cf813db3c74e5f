"""Every fault at every operation on a file."""
