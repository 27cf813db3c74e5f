"""Palettes and collages of the stills taken while a film plays in VLC."""

__version__ = "0.2.0"
