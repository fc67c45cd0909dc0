"""The kinds of files that belong to campaigns: spend, touches, and who was in which arm."""
