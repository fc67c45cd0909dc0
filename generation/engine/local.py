"""The model itself, loaded and writing, in the engine child; with it `attention` and `lora` import torch.

Many texts share their instructions and examples: those are read once, and every batch goes on from there.
"""

import json
import os
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

os.environ["HF_HUB_OFFLINE"] = "1"  # before transformers is imported

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, Cache, DynamicCache, GgufConfig
from transformers.utils import logging

from generation.engine import Cancelled, EngineUnavailable, TextRequest, TextResult, Tick, Turns
from generation.engine.attention import ATTENTION, OwnLayer, SharedPart
from generation.engine.chat import chat_format
from generation.engine.devices import PRECISION, TOLERANCE, device_for
from generation.engine.frame import Frame
from generation.engine.grammar import Grammar, Guide
from generation.engine.lora import Adapters
from generation.engine.model_files import weights_id
from generation.engine.rows import Pulse, Row, Stopped, batches
from generation.texts.wording import Wording

logging.disable_progress_bar()

SHARED_PARTS_KEPT = 4
# Sampling looks at this many of the likeliest tokens only.
LIKELIEST = 64
# Of bound texts, where few tokens are left to choose from: log-probability lost per repetition.
REPEAT_PENALTY = 0.7
WORDS_KEPT, GRAMMARS_KEPT = 16_384, 64
# Tokens that a model's attention must reach: more than any prompt and its text have.
SHORTEST_WINDOW = 2048


def convert(source: Path, target: Path, progress: Callable[[float], None]) -> None:
    """Turn a GGUF file into a folder of bf16 safetensors, configuration and tokenizer; nothing else of it.

    `progress` gets fractions from 0 to 1.
    """
    where = {"gguf_file": source.name, "local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(source.parent, **where)
    progress(0.3)
    unpacked = GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(
        source.parent, dtype=torch.bfloat16, quantization_config=unpacked, **where
    )
    progress(0.9)
    target.mkdir(parents=True)
    weights = {name: tensor for name, tensor in model.state_dict().items() if name not in tied_names(model)}
    save_file(weights, target / "model.safetensors", {"format": "pt"})
    config = {name: value for name, value in model.config.to_diff_dict().items() if name[0] != "_"}
    (target / "config.json").write_text(json.dumps(config, default=str, indent=1, sort_keys=True))
    tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    progress(1.0)


def tied_names(model: Any) -> set[str]:
    """Return the names of weights that are other weights once more, such as the output layer's."""
    return set(model.all_tied_weights_keys)


class Batch:
    """Rows that are written together: what the model has read of each, and who sees what."""

    def __init__(self, model: Any, part: SharedPart, rows: list[Row]) -> None:
        self.model, self.part, self.rows = model, part, rows
        self.device = model.device
        width = max(len(row.own) for row in rows)
        room = width + max(row.request.max_tokens for row in rows)
        self.layers = [OwnLayer(room) for _ in part.keys]
        self.cache = Cache(layers=[*self.layers])
        # Shorter rows are padded on the left, so that all rows end in the same column.
        pads = self._numbers([[width - len(row.own)] for row in rows])
        self.ids = self._numbers([[0] * (width - len(row.own)) + row.own for row in rows])
        self.places = (self._numbers(range(width)) - pads).clamp(min=0)
        # Added to scores: minus infinity hides padding; tokens to come are visible.
        hidden = torch.zeros(len(rows), room, device=self.device)
        self.hidden = hidden.masked_fill(self._numbers(range(room)) < pads, -torch.inf)

    def read(self) -> Tensor:
        """Read the rows' own parts; return the scores of each row's first new token: (rows, vocabulary)."""
        width = self.ids.shape[1]
        future = torch.full((width, width), -torch.inf, device=self.device).triu(1)
        return self._forward(self.hidden[:, None, None, :width] + future)

    def step(self) -> Tensor:
        """Read each row's newest token; return the scores of the next."""
        self.ids = self._numbers([row.tokens[-1:] for row in self.rows])
        self.places = self.places[:, -1:] + 1
        return self._forward(self.hidden[:, None, None, : self.cache.get_seq_length() + 1])

    def drop_done(self) -> None:
        """Stop computing rows that have ended, once that saves more than the copying costs."""
        going = [place for place, row in enumerate(self.rows) if not row.done]
        if len(going) > len(self.rows) * 3 / 4:
            return
        kept = self._numbers(going)
        self.rows = [self.rows[place] for place in going]
        self.places, self.hidden = self.places[kept], self.hidden[kept]
        for layer in self.layers:
            layer.keep(kept)

    def _forward(self, mask: Tensor) -> Tensor:
        with torch.inference_mode():
            answer = self.model(
                self.ids,
                attention_mask=mask,
                position_ids=self.places + self.part.tokens,
                past_key_values=self.cache,
                use_cache=True,
                logits_to_keep=1,
                shared=self.part,
            )
        # Tokens are chosen one row at a time, by words that are allowed and seeds: no work for a GPU.
        scores: Tensor = answer.logits[:, -1].float().cpu()
        return scores

    def _numbers(self, numbers: Sequence[Any]) -> Tensor:
        return torch.tensor(numbers, dtype=torch.long, device=self.device)


def choose(scores: Tensor, rows: Sequence[Row]) -> tuple[list[int], list[float]]:
    """Return each row's next token and its log-probability in the model's own distribution."""
    chosen = scores.argmax(-1)
    for place, row in enumerate(rows):
        if not row.done and (row.guide or row.frame or row.request.temperature > 0):
            chosen[place] = choose_for(row, scores[place])
    logprobs = scores.gather(1, chosen[:, None])[:, 0] - scores.logsumexp(-1)
    return chosen.tolist(), logprobs.tolist()


def choose_for(row: Row, scores: Tensor) -> Tensor | int:
    """Return the next token of one row, which may be sampled, or bound to its words or its frame."""
    if row.frame:
        forced = row.frame.forced()
        return row.frame.turned(int(_free(row, scores))) if forced is None else forced
    return _free(row, scores)


def _free(row: Row, scores: Tensor) -> Tensor:
    if row.guide:
        scores = bound(scores, row.tokens, row.guide)
    if row.request.temperature == 0:
        return scores.argmax()
    return sample(scores, row.request, row.draws[len(row.tokens)])


def bound(scores: Tensor, tokens: list[int], guide: Guide) -> Tensor:
    """Leave only the tokens that a text's words allow, less likely each time they were written before."""
    allowed, written = torch.tensor(guide.allowed()), torch.tensor(tokens, dtype=torch.long)
    kept = scores[allowed] - REPEAT_PENALTY * (allowed[:, None] == written).sum(1)
    return torch.full_like(scores, -torch.inf).index_copy(0, allowed, kept)


def sample(scores: Tensor, request: TextRequest, draw: float) -> Tensor:
    """Pick a token of one row among the likeliest whose shares reach `top_p`; `draw` is in [0, 1)."""
    likeliest = (scores / request.temperature).topk(LIKELIEST)
    shares = likeliest.values.softmax(0)
    before = shares.cumsum(0) - shares
    shares = shares.masked_fill(before >= request.top_p, 0)
    place = int((shares.cumsum(0) <= draw * shares.sum()).sum())
    return likeliest.indices[min(place, int((shares > 0).sum()) - 1)]


class LocalEngine:
    """A loaded model. Not safe for threads: one `write` at a time."""

    def __init__(
        self, folder: Path, batch: int, threads: int, adapters: Path | None = None, device: str = "cpu"
    ) -> None:
        """Load a verified folder; `adapters` is the store of the shop's own ones, `device` see `devices`."""
        torch.set_num_threads(threads)
        self.device = device_for(device)
        self.batch = batch
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        # Marks inside a text are read as plain text: only this class puts real ones in.
        self.tokenizer.encode_special_tokens = True
        self.format = chat_format(lambda mark: self.tokenizer.token_to_id(mark) is not None)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=PRECISION[self.device.type],
            attn_implementation=ATTENTION,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
        self.model = model.to(self.device).eval()
        given = cast("int | list[int]", self.model.config.eos_token_id)
        self.ends = {self._mark(self.format.closing)}
        self.ends.update(given if isinstance(given, list) else [given])
        self.adapters = Adapters(self.model, weights_id(folder), adapters)
        # By adapter and turns: an adapter reads the same words differently.
        self.shared_parts: OrderedDict[tuple[str, Turns], SharedPart] = OrderedDict()
        self.encode = lru_cache(WORDS_KEPT)(lambda word: self.tokenizer.encode(word).ids)
        self.is_break = lru_cache(None)(lambda token: "\n" in self.tokenizer.decode([token]))
        self.grammars: dict[Wording, Grammar] = {}
        self._prove()

    def _prove(self) -> None:
        """Read a short text in two parts and in one piece; refuse a model for which that differs."""
        window = getattr(self.model.config, "sliding_window", None) or SHORTEST_WINDOW
        try:
            equal = self._reads_the_same_in_two_parts()
        except ValueError:  # transformers' word for attention that it cannot compute here
            equal = False
        if window < SHORTEST_WINDOW or not equal:
            raise EngineUnavailable(
                "This model's attention is of a kind that cannot share the beginning of many texts: set "
                "GENERATION_MODEL to a model with plain attention, such as Llama or Qwen."
            )

    def _reads_the_same_in_two_parts(self) -> bool:
        shared, row = (("system", "a"),), self._row(0, TextRequest((), "b", max_tokens=1))
        whole = torch.tensor([self._tokens(self.format.prefix(shared)) + row.own], device=self.device)
        with torch.inference_mode():
            expected = self.model(whole, use_cache=False, logits_to_keep=1).logits[:, -1].float().cpu()
        got = Batch(self.model, self._read_shared(shared), [row]).read()
        return torch.allclose(got, expected, rtol=1e-3, atol=TOLERANCE[self.model.dtype])

    def write(
        self, requests: Sequence[TextRequest], tick: Tick | None = None, cancelled: Cancelled | None = None
    ) -> Iterator[tuple[int, TextResult]]:
        """Write the texts; see `TextEngine.write`."""
        pulse = Pulse(tick, cancelled)
        groups: dict[tuple[str, Turns], list[Row]] = defaultdict(list)
        for index, request in enumerate(requests):
            groups[request.adapter, request.shared].append(self._row(index, request))
        try:
            for (adapter, shared), rows in sorted(groups.items(), key=lambda group: group[0][0]):
                self.adapters.use(adapter)
                part = self._shared_part(shared, pulse)
                for batch in batches(rows, self.batch):
                    yield from self._write_batch(Batch(self.model, part, batch), pulse)
        except Stopped:
            return

    def _row(self, index: int, request: TextRequest) -> Row:
        generator = torch.Generator().manual_seed(request.seed)
        draws = torch.rand(request.max_tokens, generator=generator).tolist()
        guide = Guide(self._grammar(request.wording)) if request.wording else None
        frame = self._frame(request.labels) if request.labels and not guide else None
        return Row(index, request, self._tokens(self.format.suffix(request.own)), draws, guide, frame)

    def _frame(self, labels: Sequence[str]) -> Frame:
        tokens = [self.tokenizer.encode(label).ids for label in labels]
        return Frame(tokens, self.tokenizer.encode("\n").ids[0], self.ends, self.is_break)

    def _grammar(self, wording: Wording) -> Grammar:
        """Return the grammar of a wording, made once for all samples of a text."""
        if wording not in self.grammars:
            self.grammars[wording] = Grammar(wording, self.encode, self.ends)
        if len(self.grammars) > GRAMMARS_KEPT:
            del self.grammars[next(iter(self.grammars))]
        return self.grammars[wording]

    def _tokens(self, pieces: list[tuple[str, bool]]) -> list[int]:
        tokens: list[int] = []
        for text, is_mark in pieces:
            tokens += [self._mark(text)] if is_mark else self.tokenizer.encode(text).ids
        return tokens

    def _mark(self, mark: str) -> int:
        return cast(int, self.tokenizer.token_to_id(mark))

    def _shared_part(self, shared: Turns, pulse: Pulse) -> SharedPart:
        """Return a shared part's keys and values: computed once, kept while among the latest."""
        key = self.adapters.in_use, shared
        if key not in self.shared_parts:
            pulse.beat()
            self.shared_parts[key] = self._read_shared(shared)
            pulse.beat()
        self.shared_parts.move_to_end(key)
        if len(self.shared_parts) > SHARED_PARTS_KEPT:
            self.shared_parts.popitem(last=False)
        return self.shared_parts[key]

    def _read_shared(self, shared: Turns) -> SharedPart:
        tokens = self._tokens(self.format.prefix(shared))
        cache: Any = DynamicCache(config=self.model.config)
        with torch.inference_mode():
            given = torch.tensor([tokens], device=self.device)
            self.model(given, past_key_values=cache, use_cache=True, logits_to_keep=1)
        layers = cache.layers
        return SharedPart(
            [layer.keys[0] for layer in layers], [layer.values[0] for layer in layers], len(tokens)
        )

    def _write_batch(self, batch: Batch, pulse: Pulse) -> Iterator[tuple[int, TextResult]]:
        pulse.beat()
        clock = time.process_time()
        scores = batch.read()
        pulse.beat()
        while batch.rows:
            tokens, logprobs = choose(scores, batch.rows)
            going = [row for row in batch.rows if not row.done]
            share = (time.process_time() - clock) / len(going)
            for row, token, logprob in zip(batch.rows, tokens, logprobs, strict=True):
                if not row.done:
                    self._add(row, token, logprob, share)
            pulse.beat(len(going))
            yield from ((row.index, row.result(batch.part.tokens)) for row in going if row.done)
            batch.drop_done()
            clock = time.process_time()
            scores = batch.step() if batch.rows else scores

    def _add(self, row: Row, token: int, logprob: float, seconds: float) -> None:
        """Append a token to its row, and end the row where the text or its room is over."""
        if row.guide:
            row.guide.take(token)
        if row.frame:
            row.frame.take(token)
        row.tokens.append(token)
        row.logprob += logprob
        row.seconds += seconds
        row.finished = token in self.ends
        row.done = row.finished or len(row.tokens) == row.request.max_tokens
        if not (row.done or row.request.stop):
            return
        words = row.tokens[:-1] if row.finished else row.tokens
        whole = self.tokenizer.decode(words)
        row.text = row.request.cut(whole)
        if row.text != whole:
            row.done = row.finished = True
