"""Which role may do what: four groups, made equal to this file after every migration."""

from typing import Any


def sync_roles(**signal: Any) -> None:
    """Give each group exactly the permissions listed here."""
