"""Sessions: one store, which alone writes session.json, one history of changes, and the film's identity."""
