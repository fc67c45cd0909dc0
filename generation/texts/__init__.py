"""What a text is made of: its kinds and parts, its words, its slots and the sentences kept for it."""
