"""A technician's visit: the talk with the cash side, what is asked of people, and the slip of a closed round."""
