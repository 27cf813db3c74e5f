"""Pixels to palettes: ours, and the classic methods to compare with. Pure."""
