"""How well and how fast codes are read, measured on drawn frames: a generator, the rivals, and the sums.

Nothing is downloaded: every frame follows from a seed, so that anybody can repeat a figure.
"""
