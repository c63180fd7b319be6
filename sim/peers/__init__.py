"""The far end of every cable and line: what a device meets when no hardware is there. Sees only core."""
