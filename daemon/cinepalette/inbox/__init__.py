"""The watched folder: its protocol, and watching it."""
