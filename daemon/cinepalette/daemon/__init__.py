"""The process: one arrival through all the wings, and what follows from a session as a whole."""
