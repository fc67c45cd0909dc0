"""The kinds of files that belong to campaigns: what they cost, whom they touched, and who was in which arm."""
