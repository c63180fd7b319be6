"""The language every other folder speaks: money, codes, events, effects, screens, messages.

Standard library only and pure: nothing in here reads a clock, a random source, the environment,
a file or a socket. What changes from run to run is handed in.
"""
