"""The payment agency: a server of its own between terminals and the exchange, with its own books of what it relayed.

It knows the exchange by HTTP only, also when both run in one program: every import of this folder from the exchange's
systems is refused by a contract.
"""
