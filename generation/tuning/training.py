"""Teaching itself: gradient descent on pairs of briefs and texts. With the engine the only importer of torch.

Runs in a process of its own. What it has learnt so far is kept in one file, written whole or not at all, so
a run that was killed goes on at its last checkpoint and ends with the weights that it would have had anyway.
"""

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

os.environ["HF_HUB_OFFLINE"] = "1"  # before transformers is imported

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from generation.engine import adapter_files
from generation.engine.chat import chat_format
from generation.engine.devices import device_for
from generation.engine.model_files import sign, weights_id
from generation.tuning.recipe import Method, Outcome, Pair, Progress, Recipe, digest
from generation.tuning.trees import Tokens, Tree, steps, trees

logging.disable_progress_bar()

CHECKPOINT = "checkpoint.safetensors"
Tell = Callable[[Progress], None]
Asked = Callable[[], bool]


@dataclass
class Standing:
    """How far a run is: all that its next step depends on besides weights, optimizer and random numbers."""

    step: int = 0
    best_step: int = 0
    best_loss: float | None = None
    first_loss: float | None = None
    worse: int = 0  # validations since the best one
    tokens: int = 0
    seconds: float = 0.0


class Training:
    """One run: a model, what it is taught, and where checkpoint and result are kept."""

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        pairs: Sequence[Pair],
        validation: Sequence[Pair],
        work: Path,
        alive: Callable[[], None] = lambda: None,
        device: str = "cpu",
        start: Path | None = None,
    ) -> None:
        """Load a verified model folder; `work` is this run's own folder, which may hold a checkpoint.

        `alive` is called several times a step: a step may take longer than a lease. `start` is an adapter of
        the same model and rank whose weights are taught on. Raises ValueError where they do not fit.
        """
        self.folder, self.recipe, self.work, self.alive = folder, recipe, work, alive
        self.base, self.start = weights_id(folder), start
        self.begun_with = self._begun_with()
        self.id = digest(recipe, pairs, validation, self.base + self.begun_with)
        self.device = device_for(device)
        torch.manual_seed(recipe.seed)
        self.encode = Encoder(folder)
        self.pairs, self.checked = self._encoded(pairs), self._encoded(validation)
        if not self.pairs:
            raise ValueError("There is no pair to learn from.")
        self.left_out = len(pairs) - len(self.pairs)
        self.trees, self.validation = (
            trees(every, recipe.tokens_at_once) for every in (self.pairs, self.checked)
        )
        self.model = self._loaded()
        self.learnt = {name: p for name, p in self.model.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.AdamW(
            list(self.learnt.values()), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self.laid_out = max(1, round(recipe.epochs * self._steps_an_epoch()))
        self.steps = min(self.laid_out, recipe.most_steps or self.laid_out)
        self.standing = Standing()
        self.best = self._copied()

    def _encoded(self, pairs: Sequence[Pair]) -> list[Tokens]:
        every = (self.encode(pair) for pair in pairs)
        return [tokens for tokens in every if len(tokens) <= self.recipe.longest]

    def _loaded(self) -> Any:
        model: Any = AutoModelForCausalLM.from_pretrained(
            self.folder,
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
        )
        model = model.to(self.device)
        if self.recipe.method == Method.LORA:
            config = LoraConfig(
                r=self.recipe.rank,
                lora_alpha=self.recipe.alpha,  # type: ignore[arg-type]  # a fraction is as good
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            )
            model = get_peft_model(model, config)
            if self.start:
                set_peft_model_state_dict(model, load_file(self.start / adapter_files.WEIGHTS))
        return model.train()

    def _begun_with(self) -> str:
        """Return the id of what the adapter that is taught on has learnt, or ""."""
        if not self.start:
            return ""
        facts = adapter_files.read_facts(self.start)
        ranks = {layer.down[0] for layer in facts.layers.values()}
        if self.recipe.method != Method.LORA or facts.base != self.base or ranks != {self.recipe.rank}:
            raise ValueError(f"{self.start} cannot be taught on: it is of another model, rank or method.")
        return str(facts.about.get("data", ""))

    def _steps_an_epoch(self) -> int:
        return math.ceil(len(self.trees) / self.recipe.accumulate)

    def run(self, tell: Tell, cancelled: Asked, out: Path) -> Outcome:
        """Teach until all is done, nothing improves, or the run is cancelled; write the result to `out`."""
        self._restore()
        began, before = time.monotonic(), replace(self.standing)
        if self.standing.first_loss is None:
            self.standing.first_loss = self.standing.best_loss = self._validation_loss()
        ended = "all"
        while self.standing.step < self.steps:
            if cancelled():
                ended = "cancelled"
                break
            if self.recipe.patience and self.standing.worse >= self.recipe.patience:
                ended = "early"
                break
            loss, checked = self._step()
            spent = time.monotonic() - began
            self.standing.seconds = before.seconds + spent
            tell(self._progress(loss, checked, (self.standing.tokens - before.tokens) / max(spent, 1e-9)))
            if self.standing.step % self.recipe.save_every == 0:
                self._save()
        if ended == "cancelled":
            self._save()
        else:
            self._write(out)
        return self._outcome("" if ended == "cancelled" else str(out), ended)

    def _step(self) -> tuple[float, float | None]:
        """Take one step; return its loss, and the validation loss where it was due."""
        taught = self._trees_of(self.standing.step)
        learnt, total = sum(len(tree.wanted) for tree in taught), 0.0
        for tree in taught:
            loss = self._loss(tree) / learnt
            loss.backward()
            total += float(loss.detach())
            self.standing.tokens += len(tree)
        torch.nn.utils.clip_grad_norm_(list(self.learnt.values()), self.recipe.largest_gradient)
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(self.standing.step)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.standing.step += 1
        due = self.standing.step % self.recipe.validate_every == 0 or self.standing.step == self.steps
        return total, self._validated() if due else None

    def _rate(self, step: int) -> float:
        """Return a step's learning rate: it rises, falls as a cosine, and at the end to nothing."""
        recipe, rising = self.recipe, max(1, round(self.recipe.warm_up * self.laid_out))
        if step < rising:
            return recipe.learning_rate * (step + 1) / rising
        passed = (step - rising) / max(1, self.laid_out - rising)
        falling = recipe.last_rate + (1 - recipe.last_rate) * 0.5 * (1 + math.cos(math.pi * passed))
        ending = min(1.0, (self.steps - step) / recipe.cool_down) if recipe.cool_down else 1.0
        return recipe.learning_rate * falling * ending

    def _trees_of(self, step: int) -> list[Tree]:
        """Return the trees of a step: they follow from the seed and the number of the step alone."""
        epoch, place = divmod(step, self._steps_an_epoch())
        every = steps(len(self.trees), self.recipe.accumulate, self.recipe.seed, epoch)
        return [self.trees[number] for number in list(every)[place]]

    def _loss(self, tree: Tree) -> Tensor:
        """Return the sum of the losses of all answers' tokens."""
        self.alive()
        seen = torch.zeros(len(tree) + 1, len(tree), dtype=torch.bool)  # the last row: what no token sees
        for node, parent in enumerate(tree.parents):
            seen[node] = seen[parent]
            seen[node, node] = True
        nodes = sorted({node for node, _ in tree.wanted})
        rows = {node: row for row, node in enumerate(nodes)}
        # Scores of other words are never needed; they would be a seventh of the work.
        answer = self.model(
            self._tensor([tree.ids]),
            attention_mask=seen[None, None, :-1].to(self.device),
            position_ids=self._tensor([tree.places]),
            use_cache=False,
            logits_to_keep=self._tensor(nodes),
        )
        scores = answer.logits[0].float()[[rows[node] for node, _ in tree.wanted]]
        wanted = self._tensor([token for _, token in tree.wanted])
        return torch.nn.functional.cross_entropy(scores, wanted, reduction="sum")

    def _tensor(self, numbers: Any) -> Tensor:
        return torch.tensor(numbers, dtype=torch.long, device=self.device)

    def _validated(self) -> float | None:
        """Look at the validation loss, and keep the weights where it is the lowest so far."""
        loss, standing = self._validation_loss(), self.standing
        if loss is None or standing.best_loss is None or loss < standing.best_loss:
            standing.best_loss, standing.best_step, standing.worse = loss, standing.step, 0
            self.best = self._copied()
        else:
            standing.worse += 1
        return loss

    def _validation_loss(self) -> float | None:
        if not self.checked:
            return None
        self.model.eval()
        with torch.inference_mode():
            total = sum(float(self._loss(tree)) for tree in self.validation)
        self.model.train()
        return total / sum(len(tree.wanted) for tree in self.validation)

    def _copied(self) -> dict[str, Tensor]:
        return {name: parameter.detach().clone().cpu() for name, parameter in self.learnt.items()}

    def _progress(self, loss: float, checked: float | None, speed: float) -> Progress:
        standing = self.standing
        return Progress(
            step=standing.step,
            steps=self.steps,
            epoch=standing.step / self._steps_an_epoch(),
            loss=loss,
            validation_loss=checked,
            best_loss=standing.best_loss,
            learning_rate=self._rate(standing.step - 1),
            tokens=standing.tokens,
            tokens_per_second=speed,
            seconds=standing.seconds,
        )

    def _outcome(self, folder: str, ended: str) -> Outcome:
        standing = self.standing
        return Outcome(
            folder=folder,
            steps=standing.step,
            best_step=standing.best_step,
            validation_loss=standing.best_loss,
            first_validation_loss=standing.first_loss,
            pairs=len(self.pairs),
            validation_pairs=len(self.checked),
            left_out=self.left_out,
            tokens=standing.tokens,
            seconds=standing.seconds,
            ended=ended,
        )

    def _save(self) -> None:
        """Write the checkpoint beside the old one and exchange them: it is whole or the old one stands."""
        kept = {f"now.{name}": parameter.detach().cpu() for name, parameter in self.learnt.items()}
        kept |= {f"best.{name}": tensor for name, tensor in self.best.items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            kept |= {f"optimizer.{number}.{name}": value.cpu() for name, value in state.items()}
        kept["random"] = torch.get_rng_state()
        self.work.mkdir(parents=True, exist_ok=True)
        half_done = self.work / f"{CHECKPOINT}.half-done"
        told = {"id": self.id, "standing": json.dumps(asdict(self.standing))}
        save_file({name: tensor.contiguous() for name, tensor in kept.items()}, half_done, told)
        with half_done.open("rb") as file:
            os.fsync(file.fileno())
        half_done.replace(self.work / CHECKPOINT)

    def _restore(self) -> None:
        """Go on from the checkpoint, where there is one of this very run."""
        path = self.work / CHECKPOINT
        if not path.is_file():
            return
        with safe_open(path, "pt") as kept:
            told = kept.metadata()
            if told["id"] != self.id:
                return
            with torch.no_grad():
                for name, parameter in self.learnt.items():
                    parameter.copy_(kept.get_tensor(f"now.{name}"))
                    self.best[name] = kept.get_tensor(f"best.{name}")
            self._restore_optimizer(kept)
            torch.set_rng_state(kept.get_tensor("random"))
        self.standing = Standing(**json.loads(told["standing"]))

    def _restore_optimizer(self, kept: Any) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for key in kept.keys():  # noqa: SIM118  # no dictionary: it has this method only
            if key.startswith("optimizer."):
                _, number, name = key.split(".")
                state.setdefault(int(number), {})[name] = kept.get_tensor(key)
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})

    def _write(self, out: Path) -> None:
        """Write the best weights as a signed folder, beside its place and exchanged at the end."""
        with torch.no_grad():
            for name, parameter in self.learnt.items():
                parameter.copy_(self.best[name])
        half_done = out.with_name(f"{out.name}.half-done")
        shutil.rmtree(half_done, ignore_errors=True)
        half_done.mkdir(parents=True)
        (self._write_adapter if self.recipe.method == Method.LORA else self._write_model)(half_done)
        shutil.rmtree(out, ignore_errors=True)
        half_done.replace(out)

    def _write_adapter(self, folder: Path) -> None:
        weights = {
            name: tensor.detach().to("cpu", torch.bfloat16).contiguous()
            for name, tensor in get_peft_model_state_dict(self.model).items()
        }
        save_file(weights, folder / adapter_files.WEIGHTS, {"format": "pt"})
        config = self.model.peft_config["default"].to_dict() | {"inference_mode": True}
        config |= {"base_model_name_or_path": None, "target_modules": sorted(config["target_modules"])}
        text = json.dumps(config, indent=1, sort_keys=True, default=str)
        (folder / adapter_files.CONFIG).write_text(text + "\n")
        text = json.dumps(self._about(), indent=1, sort_keys=True)
        (folder / adapter_files.ABOUT).write_text(text + "\n")
        adapter_files.accept(folder)

    def _about(self) -> dict[str, Any]:
        standing = self.standing
        return {
            "base": self.base,
            "recipe": asdict(self.recipe),
            "data": self.id,
            "begun_with": self.begun_with,
            "pairs": len(self.pairs),
            "validation_pairs": len(self.checked),
            "best_step": standing.best_step,
            "steps": standing.step,
            "validation_loss": standing.best_loss,
            "first_validation_loss": standing.first_loss,
        }

    def _write_model(self, folder: Path) -> None:
        tied = set(self.model.all_tied_weights_keys)
        weights = {
            name: tensor.detach().to("cpu", torch.bfloat16).contiguous()
            for name, tensor in self.model.state_dict().items()
            if name not in tied
        }
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
        for name in ("config.json", "tokenizer.json"):
            shutil.copy(self.folder / name, folder / name)
        sign(folder)


def use_threads(threads: int) -> None:
    """Set how many threads compute: the same number gives the same weights."""
    torch.set_num_threads(threads)


class Encoder:
    """Turns a pair into tokens, in the chat form that the engine writes with."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.encode_special_tokens = True  # a mark inside a text is plain text
        self.format = chat_format(lambda mark: self.tokenizer.token_to_id(mark) is not None)

    def __call__(self, pair: Pair) -> Tokens:
        """Return what stands before the answer, and the answer with the mark that ends it."""
        before = self.format.prefix(pair.shared) + self.format.suffix(pair.own)
        return Tokens(self._tokens(before), self._tokens([(pair.answer, False), (self.format.closing, True)]))

    def _tokens(self, pieces: list[tuple[str, bool]]) -> tuple[int, ...]:
        tokens: list[int] = []
        for text, is_mark in pieces:
            tokens += [self._mark(text)] if is_mark else self.tokenizer.encode(text).ids
        return tuple(tokens)

    def _mark(self, mark: str) -> int:
        return cast(int, self.tokenizer.token_to_id(mark))
