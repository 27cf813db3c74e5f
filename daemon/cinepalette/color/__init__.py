"""Numbers for colors: spaces, differences, HDR curves and how they are brought into SDR, names. Pure."""
