"""The line to the exchange: the device's diary, the outbox, pairing, signed requests and telemetry."""
