"""How fast the local engine writes personal offers, beside the other ways to do the same with the same model.

The offers share their instructions and examples and are not bound to a wording, so that every contestant does
the same work: `generate()` one by one, `generate()` on padded batches, the engine of production in its child
process, and llama.cpp with its prefix cache where `llama_cpp` can be imported. All compute with one thread,
in turns, on texts of equal and of mixed lengths. CPU seconds count: they are the same on a busy machine.
The floor is the arithmetic alone, at the rate of large matrix products measured in the same run.
"""

import argparse
import importlib
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import django

import bench

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")
os.environ.update(HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1")
django.setup()

import psutil  # noqa: E402  # after django.setup
import torch  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

from bench.writing import brief, cpu_seconds, peak_memory_mb, started  # noqa: E402
from generation.engine import TextRequest, options  # noqa: E402
from generation.engine.chat import chat_format  # noqa: E402
from generation.engine.child import ChildEngine  # noqa: E402
from generation.engine.model_files import find_model, usable_folder  # noqa: E402
from generation.facts import CustomerFacts  # noqa: E402
from generation.prompts import prompt_for  # noqa: E402
from generation.texts.kinds import Kind, Tone  # noqa: E402

NEW_TOKENS, SMALL_TOKENS = 60, 24
OFFERS, SMALL_OFFERS = 64, 16
# One by one is slow: so many offers a round stand for all.
ONE_BY_ONE, SMALL_ONE_BY_ONE = 8, 3
ROUNDS, SMALL_ROUNDS = 3, 1
LIKES = ("coffee", "tea", "juices and soft drinks", "bags, and everything for a weekend in the hills")
MATRIX, PRODUCTS = 1024, 20


@dataclass
class Told:
    """What one contestant wrote in one round, and what it cost."""

    texts: list[str]
    tokens: int
    cpu_s: float
    wall_s: float


@dataclass
class Contestant:
    """One way to write: called with requests, it returns their texts and tokens."""

    write: Callable[[Sequence[TextRequest]], list[tuple[str, int]]]
    clock: Callable[[], float]
    rounds: list[Told] = field(default_factory=list)

    def run(self, requests: Sequence[TextRequest]) -> None:
        cpu, wall = self.clock(), time.monotonic()
        written = self.write(requests)
        used = self.clock() - cpu, time.monotonic() - wall
        self.rounds.append(Told([text for text, _ in written], sum(count for _, count in written), *used))

    def figures(self) -> dict[str, Any]:
        seconds = [told.cpu_s / len(told.texts) for told in self.rounds]
        return {
            "cpu_s_per_offer": round(statistics.median(seconds), 3),
            "wall_s_per_offer": round(
                statistics.median(told.wall_s / len(told.texts) for told in self.rounds), 3
            ),
            "tokens_per_cpu_s": round(statistics.median(told.tokens / told.cpu_s for told in self.rounds), 1),
            "rounds_cpu_s_per_offer": [round(each, 3) for each in seconds],
        }


class Peers:
    """The model as transformers runs it, and the tokens that every contestant reads."""

    def __init__(self, folder: Path, batch: int) -> None:
        self.batch = batch
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.encode_special_tokens = True
        self.format = chat_format(lambda mark: self.tokenizer.token_to_id(mark) is not None)
        where = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **where).eval()
        given: Any = self.model.config.eos_token_id
        own = self.tokenizer.token_to_id(self.format.closing)
        self.ends = sorted({own, *(given if isinstance(given, list) else [given])})

    def tokens(self, pieces: list[tuple[str, bool]]) -> list[int]:
        found: list[int] = []
        for text, is_mark in pieces:
            found += (
                [cast(int, self.tokenizer.token_to_id(text))] if is_mark else self.tokenizer.encode(text).ids
            )
        return found

    def shared(self, request: TextRequest) -> list[int]:
        return self.tokens(self.format.prefix(request.shared))

    def own(self, request: TextRequest) -> list[int]:
        return self.tokens(self.format.suffix(request.own))

    def one_by_one(self, requests: Sequence[TextRequest]) -> list[tuple[str, int]]:
        return [written for request in requests for written in self._padded([request])]

    def padded(self, requests: Sequence[TextRequest]) -> list[tuple[str, int]]:
        """Write in batches of alike lengths, which is as good as a padded batch gets."""
        order = sorted(
            range(len(requests)), key=lambda place: (requests[place].max_tokens, len(requests[place].own))
        )
        found: dict[int, tuple[str, int]] = {}
        for start in range(0, len(order), self.batch):
            places = order[start : start + self.batch]
            written = self._padded([requests[place] for place in places])
            found.update(zip(places, written, strict=True))
        return [found[place] for place in range(len(requests))]

    def _padded(self, requests: Sequence[TextRequest]) -> list[tuple[str, int]]:
        prompts = [self.shared(request) + self.own(request) for request in requests]
        width = max(map(len, prompts))
        ids = torch.tensor([[self.ends[0]] * (width - len(prompt)) + prompt for prompt in prompts])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        with torch.inference_mode():
            answer = self.model.generate(
                ids,
                attention_mask=mask,
                max_new_tokens=max(request.max_tokens for request in requests),
                do_sample=False,
                eos_token_id=self.ends,
                pad_token_id=self.ends[0],
            )
        return [
            self.text(row[width:].tolist(), request.max_tokens)
            for row, request in zip(answer, requests, strict=True)
        ]

    def text(self, written: list[int], most: int) -> tuple[str, int]:
        """Return a text up to its end, and its tokens with the one that ended it."""
        end = next((place for place, token in enumerate(written) if token in self.ends), len(written))
        return self.tokenizer.decode(written[: min(end, most)]), min(end + 1, most, len(written))

    def floor_s(self, requests: Sequence[TextRequest], new_tokens: int, rate: float) -> float:
        """Return the seconds that the arithmetic of one offer takes: each token once through each matrix."""
        head = self.model.get_output_embeddings().weight.numel()
        layers = sum(each.weight.numel() for each in self.model.modules() if is_linear(each)) - head
        read = len(self.shared(requests[0])) + sum(len(self.own(request)) for request in requests)
        products = 2 * (layers * (read + new_tokens) + head * new_tokens)
        return float(products / rate / len(requests))


def is_linear(module: torch.nn.Module) -> bool:
    return isinstance(module, torch.nn.Linear)


class LlamaCpp:
    """llama.cpp on the file that the model was made from: each text after the other, the shared part kept."""

    def __init__(self, path: Path, peers: Peers) -> None:
        module = importlib.import_module("llama_cpp")
        self.peers = peers
        self.model = module.Llama(
            str(path), n_ctx=2048, n_threads=1, n_threads_batch=1, verbose=False, seed=0
        )

    def write(self, requests: Sequence[TextRequest]) -> list[tuple[str, int]]:
        return [self._one(request) for request in requests]

    def _one(self, request: TextRequest) -> tuple[str, int]:
        written: list[int] = []
        for token in self.model.generate(self.peers.shared(request) + self.peers.own(request), temp=0.0):
            written.append(token)
            if token in self.peers.ends or len(written) == request.max_tokens:
                break
        return self.peers.text(written, request.max_tokens)


def offers(count: int, tokens: int, *, mixed: bool) -> list[TextRequest]:
    """Return requests for offers; mixed ones differ in what is known of the customer and in their limits."""
    found = []
    for number in range(count):
        likes = LIKES[number % len(LIKES)] if mixed else LIKES[0]
        product = number if mixed else 0
        asked = prompt_for(brief(product, Kind.OFFER, Tone.PLAIN, CustomerFacts(f"customer:{number}", likes)))
        limit = tokens // 4 * (1 + number % 4) if mixed else tokens
        found.append(TextRequest(asked.shared, f"{asked.own} No. {number % 10}.", limit))
    return found


def ours(engine: ChildEngine, requests: Sequence[TextRequest]) -> list[tuple[str, int]]:
    found = dict(engine.write(requests))
    return [(found[place].text or "", found[place].new_tokens) for place in range(len(requests))]


def matrix_rate() -> float:
    """Return this core's rate of fp32 matrix products, in operations a CPU second; the best of three."""
    one, other = torch.rand(MATRIX, MATRIX), torch.rand(MATRIX, MATRIX)
    best = 0.0
    for _ in range(3):
        clock = time.process_time()
        for _ in range(PRODUCTS):
            one @ other
        best = max(best, 2 * MATRIX**3 * PRODUCTS / (time.process_time() - clock))
    return best


def measured(
    contestants: dict[str, Contestant], requests: list[TextRequest], rounds: int, few: int
) -> dict[str, Any]:
    """Let the contestants write in turns; all texts of one by one are compared with the others' same ones."""
    for number in range(rounds):
        for name, contestant in contestants.items():
            start = number * few % len(requests)
            contestant.run(requests[start : start + few] if name == "one_by_one" else requests)
            print(f"round {number + 1}, {name}: {contestant.rounds[-1].cpu_s:.1f} CPU s", file=sys.stderr)
    figures = {name: contestant.figures() for name, contestant in contestants.items()}
    for name in ("padded", "ours"):
        figures[name]["equal_outputs"] = equal(contestants, name, few, len(requests))
    return figures


def equal(contestants: dict[str, Contestant], name: str, few: int, count: int) -> float:
    """Return the share of texts that are exactly those of one by one."""
    pairs = [
        (text, contestants[name].rounds[number].texts[(number * few % count) + place])
        for number, told in enumerate(contestants["one_by_one"].rounds)
        for place, text in enumerate(told.texts)
    ]
    return round(sum(one == other for one, other in pairs) / len(pairs), 3)


def gains(figures: dict[str, Any], floor: float) -> dict[str, Any]:
    mine = figures["ours"]["cpu_s_per_offer"]

    def gain(name: str) -> float | None:
        return round(figures[name]["cpu_s_per_offer"] / mine, 2) if name in figures else None

    return {
        "gain_over_one_by_one": gain("one_by_one"),
        "gain_over_padded": gain("padded"),
        "gain_over_llama_cpp": gain("llama_cpp"),
        "equal_outputs": figures["ours"]["equal_outputs"],
        "share_of_floor": round(floor / mine, 3),
        "floor_s_per_offer": round(floor, 3),
        "contestants": figures,
    }


def llama_cpp(path: Path, peers: Peers) -> tuple[Contestant | None, str]:
    """Return llama.cpp, or why it does not take part."""
    if not importlib.util.find_spec("llama_cpp"):
        return None, "llama_cpp is not installed"
    if path.suffix != ".gguf":
        return None, "the model is no GGUF file"
    return Contestant(LlamaCpp(path, peers).write, time.process_time), ""


def no_conversion(source: Path, target: Path) -> None:
    raise SystemExit(f"{source} was not converted by the engine.")


def figures(count: int, model: str, *, small: bool) -> dict[str, Any]:
    torch.set_num_threads(1)
    chosen = replace(options(), model=model, threads=1)
    engine = ChildEngine(chosen)
    ready = started(engine)
    assert engine._child
    child = psutil.Process(engine._child.process.pid)
    path = find_model(model)
    peers = Peers(usable_folder(path, chosen.cache, no_conversion), engine.batch)
    rate = matrix_rate()
    other, why_not = llama_cpp(path, peers)
    tokens, rounds = (SMALL_TOKENS, SMALL_ROUNDS) if small else (NEW_TOKENS, ROUNDS)
    few = min(count, SMALL_ONE_BY_ONE if small else ONE_BY_ONE)
    by_lengths = {}
    for lengths in ("equal", "mixed"):
        requests = offers(count, tokens, mixed=lengths == "mixed")
        contestants = {
            "one_by_one": Contestant(peers.one_by_one, time.process_time),
            "padded": Contestant(peers.padded, time.process_time),
            "ours": Contestant(partial(ours, engine), partial(cpu_seconds, child)),
        } | ({"llama_cpp": replace(other, rounds=[])} if other else {})
        found = measured(contestants, requests, rounds, few)
        new = contestants["ours"].rounds[0].tokens
        by_lengths[lengths] = gains(found, peers.floor_s(requests, new, rate))
    result = {
        **by_lengths["equal"],
        "mixed": by_lengths["mixed"],
        "llama_cpp_missing": why_not or None,
        "ready_s": round(ready, 2),
        "peak_memory_mb": peak_memory_mb(child),
        "matrix_gflops": round(rate / 1e9, 1),
        "offers": count,
        "new_tokens": tokens,
        "rounds": rounds,
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
    parser.add_argument("--offers", type=int, help=f"how many; {OFFERS} where not given")
    parser.add_argument("--model", default="", help="a model's folder or GGUF file; else the default model")
    parser.add_argument("--small", action="store_true", help="few short offers, one round, under two minutes")
    told = parser.parse_args()
    count = told.offers or (SMALL_OFFERS if told.small else OFFERS)
    bench.show(figures(count, told.model, small=told.small), as_json=told.json)


if __name__ == "__main__":
    main()
