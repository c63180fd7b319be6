"""The world around a device: people, faults, virtual time, the technician's bench. Never in the wheel."""
