"""The drawings of a film: arrays in, shapes out, and one canvas that makes PNG, SVG and PDF of them."""
