"""Pictures in and out: safe reading, whole writing, VLC's planes, true colors, letterbox, frames out of films."""
