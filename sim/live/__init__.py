"""The live page of a demonstration: the device's screen, the member's phone, the paper, and hands for all of them."""
