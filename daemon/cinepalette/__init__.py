"""Palettes and collages of the stills taken while a film plays in VLC."""
