"""Flows: what a customer goes through, as tuples of pure steps. No time, line, file or chance in here."""
