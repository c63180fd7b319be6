"""The verbs of the command that the servers bring: one file each, its click command named `command`."""
