"""Color spaces, color differences, HDR curves and color names: numbers in, numbers out."""
