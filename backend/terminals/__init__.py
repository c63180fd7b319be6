"""Terminals: pairing by a short code, keys, shops and their price lists, revoking."""
