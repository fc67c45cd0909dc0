"""How jobs become texts in a worker: claimed, written in batches, kept, booked and told about."""
