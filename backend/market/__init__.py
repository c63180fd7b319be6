"""The market: price venues, and the board of prices that can be believed."""
