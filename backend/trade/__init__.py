"""Trade: a member buys a coin with the wallet's fiat, or sells one, at the real-time price and after saying yes."""
