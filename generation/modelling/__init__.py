"""Models as people manage them: which one writes what, and what is done with one on the writers' lane."""
