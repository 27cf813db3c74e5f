"""The page and the API on 127.0.0.1: a program of its own that a person starts, with the extra `web`."""
