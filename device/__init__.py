"""The terminal: the loop that decides, the modes and flows it runs, and the one place that wires concrete things."""
