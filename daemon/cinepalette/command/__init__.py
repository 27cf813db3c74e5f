"""The command line: a module a subject, each loaded when its command is asked for."""
