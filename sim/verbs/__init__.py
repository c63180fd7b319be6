"""The verbs of the command that only a checkout has: one file each, its click command named `command`."""
