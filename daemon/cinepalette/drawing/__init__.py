"""Palettes to pictures: type, strip, card, the palette over the film, layouts, collages and their pages on disk."""
