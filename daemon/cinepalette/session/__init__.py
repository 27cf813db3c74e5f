"""Sessions: one store, one history of changes, and the film's identity."""
