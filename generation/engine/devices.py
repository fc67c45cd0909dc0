"""Where a model computes, and with which numbers: a GPU where there is one, else the CPU."""

import torch

from generation.engine import EngineUnavailable

AUTO = "auto"
# A GPU computes many times as fast with half of the digits, a CPU does not.
PRECISION = {"cpu": torch.float32, "cuda": torch.bfloat16}
# How far two ways to the same scores may lie apart: sums in another order, with so many digits.
TOLERANCE = {torch.float32: 1e-2, torch.bfloat16: 0.5}


def device_for(asked: str) -> torch.device:
    """Return the device that ENGINE_DEVICE asks for; raises EngineUnavailable where there is no such one."""
    if asked == AUTO:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(asked)
    except RuntimeError:
        device = None
    if device is None or device.type not in PRECISION:
        raise EngineUnavailable(
            f"ENGINE_DEVICE is “{asked}”: set it to auto, cpu, cuda, or cuda:1 and so on."
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise EngineUnavailable(
            f"ENGINE_DEVICE is “{asked}”, and torch {torch.__version__} finds {torch.cuda.device_count()} "
            "GPUs: install the driver and a build of torch for CUDA, or set ENGINE_DEVICE to cpu."
        )
    return device
