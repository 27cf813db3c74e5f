"""The checks of every joint from hotkey to collage, and mending what fails."""
