"""The kinds of files that this app imports."""
