"""One file per block of a screen: how high it wants to be and where its marks stand."""
