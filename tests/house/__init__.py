"""The house rules: what must be true of the repository as a whole."""
