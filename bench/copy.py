"""What copy is like with the default model: alone, bound to a wording, and with the starter adapter.

The fixed briefs (`generation/corpus/evaluation.jsonl`), or those of a file, are written as the product does:
the best of eight samples, personal offers in one and two more tries, the plain writer where none passes.
`base` is the model alone with its examples, `bound` what it writes by default, `starter` what it writes with
the adapter, bound to a wording where none of the adapter's own samples will do (`bound_rate`). Seconds are
CPU seconds of the engine. No database is needed.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

import bench

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")
django.setup()

from django.conf import settings  # noqa: E402  # after django.setup
from django.test.utils import override_settings  # noqa: E402

from generation.engine import options  # noqa: E402
from generation.engine.child import ChildEngine  # noqa: E402
from generation.prompts import PROMPT_REVISION, Brief  # noqa: E402
from generation.tuning.evaluation import (  # noqa: E402
    Contender,
    Judged,
    brief_from,
    evaluate,
    fixed_briefs,
)

SMALL = 24
# Who writes: the adapter, and whether a model without one is bound to a wording.
CONTENDERS = {
    "base": (Contender("base", ""), True),
    "bound": (Contender("bound", ""), False),
    "starter": (Contender("starter", "starter"), False),
}


def briefs_of(path: Path) -> list[Brief]:
    return [brief_from(json.loads(line)) for line in path.read_text().splitlines() if line.strip()]


def figures(briefs: Sequence[Brief], names: Sequence[str], *, texts: bool) -> dict[str, Any]:
    engine = ChildEngine(options())
    result: dict[str, Any] = {"briefs": len(briefs)}
    for name in names:
        contender, own_words = CONTENDERS[name]
        with override_settings(GENERATION_OWN_WORDS=own_words or settings.GENERATION_OWN_WORDS):
            scores, judged = evaluate(briefs, contender, engine, lambda tokens: None, lambda: False)
        print(f"{name}: {scores.pass_rate}", file=sys.stderr)
        result[name] = asdict(scores) | ({"shown": [shown(text) for text in judged]} if texts else {})
    engine.kill()
    return result | {
        "prompts": PROMPT_REVISION,
        "batch": engine.batch,
        "machine": bench.machine(),
        "versions": bench.versions("torch", "transformers"),
    }


def shown(text: Judged) -> dict[str, Any]:
    return {
        "brief": text.brief,
        "text": text.text,
        "by_model": text.by_model,
        "bound": text.bound,
        "foreign": text.foreign,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help=f"{SMALL} briefs, spread over the set")
    parser.add_argument("--briefs", type=Path, help="briefs from outside, JSON Lines; prints their texts")
    parser.add_argument("--texts", action="store_true", help="print the texts of the fixed briefs, too")
    parser.add_argument("--only", choices=CONTENDERS, action="append", help="one contender; may be repeated")
    told = parser.parse_args()
    briefs = briefs_of(told.briefs) if told.briefs else fixed_briefs(SMALL if told.small else None)
    found = figures(briefs, told.only or list(CONTENDERS), texts=told.texts or bool(told.briefs))
    bench.show(found, as_json=told.json)


if __name__ == "__main__":
    main()
