"""What writing costs with the configured model: seconds to the first text, CPU per text, memory, pass rates.

Two hundred personal offers (one sample, two more tries where the checks refuse it), then campaign copy of
every kind for ten invented products, the best of eight samples each. The engine is the child process of
production; CPU seconds are those of that process. No database is needed.
"""

import argparse
import os
import time
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import django
import psutil

import bench

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")
django.setup()

from generation.engine import Phase, options  # noqa: E402  # after django.setup
from generation.engine.child import ChildEngine  # noqa: E402
from generation.facts import CustomerFacts, OfferTerms, ProductFacts, fact_sheet  # noqa: E402
from generation.offers import OfferBatch  # noqa: E402
from generation.prompts import Brief  # noqa: E402
from generation.sampling import SEEDS_PER_PIECE, Piece, Written, write  # noqa: E402
from generation.texts.kinds import Kind, Tone  # noqa: E402
from generation.texts.slots import fill_copy  # noqa: E402
from generation.writing import CopyBatch  # noqa: E402

OFFERS = 200
PRODUCTS = (
    ("Lumen desk lamp", "Lighting", ("dimmable", "oak base", "warm white light", "USB-C charging port")),
    ("Ridge hiking backpack", "Bags", ("40 litres", "rain cover included", "padded hip belt")),
    ("Tide merino sweater", "Knitwear", ("merino wool", "crew neck", "ribbed cuffs", "machine washable")),
    ("Orchard apple juice", "Juices", ("1 litre", "pressed from whole apples", "glass bottle")),
    ("Copper tea kettle", "Kitchenware", ("copper body", "1.5 litres", "wooden handle")),
    ("Nimbus yoga mat", "Sports", ("6 mm thick", "natural rubber", "carrying strap included")),
    ("Paws dog bed", "Pet supplies", ("memory foam", "washable cover", "80 x 60 cm")),
    ("Harbor scented candle", "Home fragrance", ("soy wax", "cedar and sea salt", "burns 40 hours")),
    ("Ground coffee, 12 oz", "Coffee", ("12 oz", "medium roast")),
    ("Sprout seed kit", "Gardening", ("basil, mint and parsley seeds", "three clay pots")),
)
LIKES = ("coffee", "juices", "bags", "knitwear")
TERMS = OfferTerms("campaign:1", percent_off=Decimal(15), code="WARM15", until=date(2026, 8, 31))


def brief(number: int, kind: Kind, tone: Tone, customer: CustomerFacts | None = None) -> Brief:
    name, category, facts = PRODUCTS[number % len(PRODUCTS)]
    attributes = {str(place): fact for place, fact in enumerate(facts)}
    product = ProductFacts(f"product:{number}", name, category=category, attributes=attributes)
    return Brief(fact_sheet(product, TERMS, customer=customer), kind, tone)


def offers() -> list[Piece]:
    customers = (
        CustomerFacts(f"customer:{n}", LIKES[n % len(LIKES)] if n % 3 else "") for n in range(OFFERS)
    )
    briefs = (brief(n, Kind.OFFER, Tone.PLAIN, customer) for n, customer in enumerate(customers))
    return [Piece(n, brief, n * SEEDS_PER_PIECE) for n, brief in enumerate(briefs)]


def copies(kind: Kind) -> list[Piece]:
    tones = list(Tone)
    briefs = [brief(n, kind, tones[n % len(tones)]) for n in range(len(PRODUCTS))]
    return [Piece(n, brief, n * SEEDS_PER_PIECE) for n, brief in enumerate(briefs)]


def started(engine: ChildEngine) -> float:
    """Start the engine and return the seconds until it is ready."""
    began = time.monotonic()
    engine.start()
    while engine.ready_state().phase not in (Phase.READY, Phase.FAILED, Phase.STOPPED):
        time.sleep(0.01)
    if engine.ready_state().phase != Phase.READY:
        raise SystemExit(engine.ready_state().message or "The engine stopped while loading.")
    return time.monotonic() - began


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def peak_memory_mb(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def written(pieces: list[Piece], rounds: Iterable[Any], engine: ChildEngine) -> list[tuple[Piece, Written]]:
    return list(write(pieces, list(rounds), engine, lambda tokens: None, lambda: False))


def summary(texts: list[tuple[Piece, Written]]) -> dict[str, Any]:
    """Return how many texts are by the model, and the texts as people read them."""
    shown = [" / ".join(fill_copy(text.copy, piece.brief.sheet).values()) for piece, text in texts]
    return {
        "texts": len(texts),
        "by_plain_writer": sum(not text.by_model for _, text in texts),
        "samples": sum(piece.samples for piece, _ in texts),
        "cpu_s": round(sum(piece.used.seconds for piece, _ in texts), 1),
        "shown": list(dict.fromkeys(shown))[:12],
    }


def figures() -> dict[str, Any]:
    engine = ChildEngine(options())
    ready = started(engine)
    assert engine._child
    process = psutil.Process(engine._child.process.pid)
    loaded = cpu_seconds(process)
    by_offer = summary(written(offers(), OfferBatch.rounds, engine))
    spent = cpu_seconds(process) - loaded
    by_kind = {
        kind: summary(written(copies(kind), CopyBatch.rounds, engine)) for kind in Kind if kind != Kind.OFFER
    }
    result = {
        "ready_s": round(ready, 2),
        "ready_cpu_s": round(loaded, 2),
        "offers_cpu_s": round(spent, 1),
        "offers": by_offer,
        "copy": by_kind,
        "peak_memory_mb": peak_memory_mb(process),
        "model": engine.revision,
        "batch": engine.batch,
        "machine": bench.machine(),
        "versions": bench.versions("torch", "transformers"),
    }
    engine.kill()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    bench.show(figures(), as_json=parser.parse_args().json)


if __name__ == "__main__":
    main()
