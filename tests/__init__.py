"""Everything the project checks about itself."""
