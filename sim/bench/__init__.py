"""The whole product under a seed: real loop, vault, drivers and desks in one thread on a virtual clock."""
