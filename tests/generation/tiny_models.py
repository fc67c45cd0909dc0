"""Models of many families with two small layers of random weights, and the default model's vocabulary."""

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

from generation.engine.model_files import sign


def tiny_folder(model_folder: Path, target: Path, family: str = "Llama", **settings: Any) -> Path:
    """Build a signed model folder."""
    torch, transformers = importlib.import_module("torch"), importlib.import_module("transformers")
    torch.manual_seed(1)
    config = getattr(transformers, f"{family}Config")(
        vocab_size=49152,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        eos_token_id=2,
        pad_token_id=2,
        **settings,
    )
    getattr(transformers, f"{family}ForCausalLM")(config).save_pretrained(target)
    shutil.copy(model_folder / "tokenizer.json", target)
    assert json.loads((target / "config.json").read_text())["model_type"] == family.lower()
    sign(target)
    return target
