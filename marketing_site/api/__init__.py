"""The partner API: keys, pages, errors and the one router. Each app's viewsets stand in its own api.py."""
