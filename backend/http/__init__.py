"""The HTTP face every server of the backend shares: door, signatures, sessions, problems, idempotency, figures."""
