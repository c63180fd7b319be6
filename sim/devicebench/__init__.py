"""The bench of the device: a whole counter on this machine, sales against the clock, and what the device weighs."""
