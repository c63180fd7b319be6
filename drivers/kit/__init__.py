"""What several drivers need; drivers themselves do not import one another."""
