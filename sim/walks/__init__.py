"""Walks: what people do in front of a terminal, scripted, in the order a person would do it."""
