"""Leaf modules: they import Django and the standard library, never an app."""
