"""What every measurement states beside its figures: the machine, the versions, and how it prints them."""

import json
import os
import platform
from importlib.metadata import version
from typing import Any

import psutil


def machine() -> dict[str, Any]:
    """Return the facts of this machine that a figure depends on."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    with open("/proc/cpuinfo") as facts:
        return next((line.split(":", 1)[1].strip() for line in facts if "model name" in line), "unknown")


def versions(*packages: str) -> dict[str, str]:
    """Return the installed versions of Python and of these packages."""
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


def show(figures: dict[str, Any], *, as_json: bool) -> None:
    """Print one JSON object, or one line for each figure."""
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
