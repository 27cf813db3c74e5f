"""Palettes for other programs: a module a swatch format, and the gallery for the browser. Pure."""
