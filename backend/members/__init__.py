"""Members: joining, the wallet's name in the world (personal codes and taps), presentations, deposits, live events."""
