"""Sessions: all there are, one history of changes, one door that alone writes session.json, and the film's identity."""
