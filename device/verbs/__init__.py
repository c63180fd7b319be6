"""The verbs of the command that a device brings: one file each, its click command named `command`."""
