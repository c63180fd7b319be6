"""Modes: what a device is. One small file each: its flows, its idle screen, the devices it needs."""
