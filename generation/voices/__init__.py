"""Brand voices at work: two compared on the same brief, and what approved texts teach about one."""
