"""Measuring settlements: a made-up exchange on a real disk, driven as a server drives it."""
