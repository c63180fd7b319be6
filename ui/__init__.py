"""The face: one semantic description of a screen becomes pixels, touch and keys."""
