"""Teaching: what a tiny model learns, that nothing is lost by a kill, and how its adapter is used."""

import importlib
import json
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generation.engine import EngineDied, EngineOptions, EngineUnavailable, TextRequest
from generation.engine.adapter_files import WEIGHTS, sound_adapter
from generation.engine.model_files import verify
from generation.tuning.recipe import Method, Outcome, Pair, Progress, Recipe
from generation.tuning.teaching import Plan, Teacher
from generation.tuning.trees import Tokens, steps, trees
from tests.generation.tiny_models import tiny_folder

if TYPE_CHECKING:
    from generation.engine.local import LocalEngine
    from generation.tuning.training import Training

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

SHARED = (("system", "You write for a shop."),)
GOODS = ("lamp", "chair", "mug", "rug", "vase", "bowl", "clock", "shelf")
PAIRS = [
    Pair(SHARED, f"Product: {thing}. Facts: oak. {kind}:", f"{words} with this {thing}.")
    for thing in GOODS
    for kind, words in (("A post", "A good day"), ("An offer", "For you and yours"))
]
QUICK = Recipe(
    epochs=4, tokens_at_once=64, accumulate=2, learning_rate=3e-2, validate_every=4, save_every=3, rank=4
)


@pytest.fixture(scope="module")
def tiny(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Scores of freshly drawn weights are so flat that an adapter, which leaves the last layer alone,
    # would learn little.
    return tiny_folder(model_folder, tmp_path_factory.mktemp("models") / "tiny", initializer_range=0.3)


def run_of(
    tiny: Path,
    work: Path,
    recipe: Recipe = QUICK,
    pairs: list[Pair] | None = None,
    start: Path | None = None,
) -> "Training":
    training = importlib.import_module("generation.tuning.training")
    training.use_threads(1)
    made: Training = training.Training(tiny, recipe, pairs or PAIRS[:-4], PAIRS[-4:], work, start=start)
    return made


class Told:
    """Keeps what a run tells, and can stop it at a step: politely, or as a crash would."""

    def __init__(self, crash_at: int = 0, cancel_at: int = 0) -> None:
        self.steps: list[Progress] = []
        self.crash_at, self.cancel_at = crash_at, cancel_at

    def __call__(self, progress: Progress) -> None:
        self.steps.append(progress)
        if progress.step == self.crash_at:
            raise InterruptedError

    def cancelled(self) -> bool:
        return bool(self.cancel_at) and len(self.steps) >= self.cancel_at


@pytest.fixture(scope="module")
def taught(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome, list[Progress]]:
    """The adapter of an undisturbed run."""
    folder, told = tmp_path_factory.mktemp("runs"), Told()
    outcome = run_of(tiny, folder / "work").run(told, told.cancelled, folder / "store" / "spring")
    return folder / "store" / "spring", outcome, told.steps


def test_loss_falls_and_every_step_is_told(taught: tuple[Path, Outcome, list[Progress]]) -> None:
    _folder, outcome, told = taught
    assert [progress.step for progress in told] == list(range(1, outcome.steps + 1))
    assert told[-1].loss < told[0].loss / 2
    assert outcome.validation_loss
    assert outcome.first_validation_loss
    assert outcome.validation_loss < outcome.first_validation_loss
    rates = [progress.learning_rate for progress in told]
    assert rates[-1] < max(rates) / 4
    assert all(progress.tokens_per_second > 0 for progress in told)
    assert [p.step for p in told if p.validation_loss is not None] == [
        *range(4, outcome.steps, 4),
        outcome.steps,
    ]


def test_the_adapter_is_signed_and_names_its_base(taught: tuple[Path, Outcome, list[Progress]]) -> None:
    folder, outcome, _told = taught
    _folder, facts = sound_adapter("spring", folder.parent)
    assert facts.about["pairs"] == outcome.pairs == 12
    assert Recipe.of(facts.about["recipe"]) == QUICK
    assert len(facts.layers) == 14  # seven linear layers in each of two blocks


@pytest.mark.parametrize("crash_at", [1, 5, 7])
def test_a_run_that_broke_off_ends_with_the_same_weights(
    tiny: Path, tmp_path: Path, taught: tuple[Path, Outcome, list[Progress]], crash_at: int
) -> None:
    told = Told(crash_at)
    with pytest.raises(InterruptedError):
        run_of(tiny, tmp_path / "work").run(told, told.cancelled, tmp_path / "out")
    again = Told()
    run_of(tiny, tmp_path / "work").run(again, again.cancelled, tmp_path / "out")
    assert again.steps[0].step == crash_at // QUICK.save_every * QUICK.save_every + 1
    assert same_weights(tmp_path / "out", taught[0])


def same_weights(folder: Path, other: Path) -> bool:
    return (folder / WEIGHTS).read_bytes() == (other / WEIGHTS).read_bytes()


def test_a_child_killed_in_the_middle_goes_on_where_it_was(
    tiny: Path, tmp_path: Path, taught: tuple[Path, Outcome, list[Progress]]
) -> None:
    teacher = Teacher(EngineOptions(str(tiny), tmp_path, batch=8, threads=1))
    plan = Plan(QUICK, PAIRS[:-4], PAIRS[-4:], tmp_path / "work", tmp_path / "out")

    def kill_at_seven(progress: Progress) -> None:
        if progress.step == 7:
            teacher.kill()

    with pytest.raises(EngineDied, match="SIGKILL"):
        teacher.teach(plan, kill_at_seven, lambda: False)
    assert not (tmp_path / "out").exists()
    told: list[Progress] = []
    outcome = teacher.teach(plan, told.append, lambda: False)
    assert told[0].step >= 4
    assert outcome == replace(taught[1], folder=outcome.folder, seconds=outcome.seconds)
    assert same_weights(tmp_path / "out", taught[0])


def test_an_adapter_is_taught_on_from_what_it_has_learnt(
    tiny: Path, tmp_path: Path, taught: tuple[Path, Outcome, list[Progress]]
) -> None:
    teacher = Teacher(EngineOptions(str(tiny), tmp_path, batch=8, threads=1))
    gentle = replace(QUICK, learning_rate=1e-3, epochs=1)
    plan = Plan(gentle, PAIRS[:-4], PAIRS[-4:], tmp_path / "work", tmp_path / "out", start=taught[0])
    outcome = teacher.teach(plan, lambda progress: None, lambda: False)
    # Adapters are kept with half as many bits as they are taught with.
    assert outcome.first_validation_loss == pytest.approx(taught[1].validation_loss, rel=0.02)
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    assert about["begun_with"] == json.loads((taught[0] / "about.json").read_text())["data"]


def test_an_adapter_of_another_rank_is_not_taught_on(
    tiny: Path, tmp_path: Path, taught: tuple[Path, Outcome, list[Progress]]
) -> None:
    with pytest.raises(ValueError, match="cannot be taught on"):
        run_of(tiny, tmp_path / "work", replace(QUICK, rank=2), start=taught[0])


def test_a_cancelled_run_stops_at_its_next_step_and_writes_nothing(tiny: Path, tmp_path: Path) -> None:
    told = Told(cancel_at=2)
    outcome = run_of(tiny, tmp_path / "work").run(told, told.cancelled, tmp_path / "out")
    assert (outcome.ended, outcome.folder, len(told.steps)) == ("cancelled", "", 2)
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_of_other_pairs_is_not_used(tiny: Path, tmp_path: Path) -> None:
    told = Told(cancel_at=3)
    run_of(tiny, tmp_path / "work").run(told, told.cancelled, tmp_path / "out")
    other = Told(cancel_at=1)
    run_of(tiny, tmp_path / "work", pairs=PAIRS[:8]).run(other, other.cancelled, tmp_path / "out")
    assert other.steps[0].step == 1


def test_teaching_ends_early_with_the_best_weights_so_far(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(QUICK, learning_rate=10.0, epochs=40, validate_every=1, patience=2)
    told = Told()
    outcome = run_of(tiny, tmp_path / "work", recipe).run(told, told.cancelled, tmp_path / "out")
    assert outcome.ended == "early"
    assert outcome.steps == outcome.best_step + 2


def test_all_weights_can_be_taught_too(tiny: Path, tmp_path: Path) -> None:
    recipe, told = replace(QUICK, method=Method.FULL, learning_rate=1e-2, epochs=8), Told()
    outcome = run_of(tiny, tmp_path / "work", recipe).run(told, told.cancelled, tmp_path / "full")
    verify(tmp_path / "full")
    local = importlib.import_module("generation.engine.local")
    engine = local.LocalEngine(tmp_path / "full", 8, 1)
    assert told.steps[-1].loss < told.steps[0].loss / 10
    assert outcome.pairs == 12
    assert "with this" in dict(engine.write([asked(0)]))[0].text


def asked(number: int, adapter: str = "", kind: str = "A post") -> TextRequest:
    return TextRequest(SHARED, f"Product: {GOODS[number]}. Facts: oak. {kind}:", 8, adapter=adapter)


@pytest.fixture(scope="module")
def writer(tiny: Path, taught: tuple[Path, Outcome, list[Progress]]) -> "LocalEngine":
    local = importlib.import_module("generation.engine.local")
    made: LocalEngine = local.LocalEngine(tiny, 8, 1, taught[0].parent)
    return made


def test_the_engine_writes_with_the_adapter_and_without_it_as_before(
    writer: "LocalEngine", tiny: Path
) -> None:
    bare = importlib.import_module("generation.engine.local").LocalEngine(tiny, 8, 1)
    before = [result for _, result in sorted(bare.write([asked(0), asked(1)]))]
    mixed = dict(writer.write([asked(0), asked(0, "spring"), asked(1, "spring", "An offer"), asked(1)]))
    assert mixed[1].text != mixed[0].text
    assert mixed[2].text != mixed[3].text
    assert [(mixed[n].text, mixed[n].mean_logprob) for n in (0, 3)] == [
        (r.text, r.mean_logprob) for r in before
    ]
    again = dict(writer.write([asked(0, "spring"), asked(0)]))
    assert [again[0].text, again[1].text] == [mixed[1].text, mixed[0].text]


def test_the_engine_computes_what_peft_computes(
    writer: "LocalEngine", tiny: Path, taught: tuple[Path, Outcome, list[Progress]]
) -> None:
    torch, peft = importlib.import_module("torch"), importlib.import_module("peft")
    transformers = importlib.import_module("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.float32)
    model = peft.PeftModel.from_pretrained(model, taught[0])
    ids = torch.tensor([writer._tokens(writer.format.prefix(SHARED))])
    writer.adapters.use("spring")
    with torch.inference_mode():
        ours, theirs = writer.model(ids).logits, model(ids).logits
    assert torch.allclose(ours, theirs, atol=1e-4)
    writer.adapters.use("")


def test_an_adapter_of_another_model_is_refused_and_the_engine_goes_on(
    writer: "LocalEngine", model_folder: Path, tmp_path: Path, taught: tuple[Path, Outcome, list[Progress]]
) -> None:
    other = tiny_folder(model_folder, tmp_path / "other", "Qwen3")
    engine = importlib.import_module("generation.engine.local").LocalEngine(other, 8, 1, taught[0].parent)
    with pytest.raises(EngineUnavailable, match="another model"):
        list(engine.write([asked(0, "spring")]))
    assert len(list(engine.write([asked(0)]))) == 1


def test_a_tree_has_the_losses_of_its_pairs(tiny: Path, tmp_path: Path) -> None:
    run = run_of(tiny, tmp_path / "work")
    alone = [run._loss(tree).item() for pair in run.pairs for tree in trees([pair], 1)]
    together = [run._loss(tree).item() for tree in trees(run.pairs, 64)]
    assert len(together) < len(alone)
    assert sum(together) == pytest.approx(sum(alone), rel=1e-4)


def test_a_tree_holds_what_pairs_begin_with_once() -> None:
    (tree,) = trees([Tokens((1, 2, 3), (7, 8)), Tokens((1, 2, 4), (7,)), Tokens((1, 2, 3), (9,))], 20)
    assert sorted(tree.ids) == [1, 2, 3, 4, 7, 7, 8, 9]
    assert len(tree.wanted) == 4
    assert [tree.places[node] for node, _ in tree.wanted] == [2, 3, 2, 2]


def test_each_epoch_takes_every_tree_once_in_another_order() -> None:
    first, second = (list(steps(7, 2, seed=1, epoch=epoch)) for epoch in (0, 1))
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(7))
    assert first != second
    assert first == list(steps(7, 2, seed=1, epoch=0))
