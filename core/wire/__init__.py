"""The frames of each cable, shared by a driver and the far end it speaks to, and by nothing else."""
