"""One file per real device: the host half of its cable, and a thin shell that pumps bytes over a port."""
