"""Steps and the flows made of them: pure state machines, from a ticket and an event to effects."""
