"""The whole film: samples of it in true colors, what they say together, and the drawings of them."""
