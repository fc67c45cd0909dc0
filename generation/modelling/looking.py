"""What the page about models shows: each with its latest work and speed, the writers, and the choices."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from generation.engine import EngineUnavailable
from generation.engine.adapter_files import adapter_names, sound_adapter
from generation.engine.completions import NoList, listed_models
from generation.engine.model_store import SERVER, FoundModel, Standing
from generation.modelling.requesting import here
from generation.models.engines import ModelChoice, ModelJob, ModelSpeed
from generation.work import beating
from generation.work.claiming import LANE
from marketing_site.lib.work import OPEN, State
from shop.models import WorkerBeat

# A server is asked this often at most, and may take this long to answer.
SERVER_SECONDS, SERVER_TIMEOUT = 15, 2.0


@dataclass(frozen=True)
class ShownModel:
    """One model with what was done with it last."""

    model: FoundModel
    job: ModelJob | None
    speed: ModelSpeed | None

    @property
    def standing(self) -> tuple[str, str, str]:
        """Return state, its words, and the colour of its pill."""
        words = {
            Standing.VERIFIED: (_("verified"), "good"),
            Standing.ACCEPTED: (_("accepted"), "good"),
            Standing.CHANGED: (_("changed since it was accepted"), "bad"),
            Standing.UNSIGNED: (_("not accepted yet"), "warn"),
            Standing.UNCONVERTED: (_("to be converted"), "warn"),
            Standing.REFUSED: (_("refused"), "bad"),
        }
        return (self.model.standing.value, *words[self.model.standing])

    @property
    def busy(self) -> bool:
        return self.job is not None and self.job.state in OPEN

    @property
    def failed(self) -> bool:
        return self.job is not None and self.job.state == State.DEAD

    @property
    def may_accept(self) -> bool:
        return self.model.standing in (Standing.UNSIGNED, Standing.CHANGED) and not self.busy

    @property
    def may_convert(self) -> bool:
        return self.model.standing == Standing.UNCONVERTED and not self.busy

    @property
    def may_measure(self) -> bool:
        return self.model.usable and not self.busy


@dataclass(frozen=True)
class Server:
    """The inference server of the settings."""

    address: str
    model: str
    offered: Sequence[str]
    answers: bool
    trouble: str
    used: bool
    speed: ModelSpeed | None


@dataclass(frozen=True)
class Overview:
    """All of the page."""

    models: list[ShownModel]
    server: Server | None
    choices: list[tuple[ModelChoice, str, bool]]  # with the model's name, and whether it can be used
    workers: list[tuple[WorkerBeat, str]]
    adapters: list[tuple[str, str, str]]  # name, what it was taught from, why it cannot be used
    languages: list[str]
    folder: str

    @property
    def busy(self) -> bool:
        return any(shown.busy for shown in self.models)


def overview() -> Overview:
    """Return what the page shows; whole model files are not read."""
    jobs = {job.model: job for job in ModelJob.objects.order_by("created_at")}
    speeds = {speed.model: speed for speed in ModelSpeed.objects.order_by("measured_at")}
    models = [ShownModel(model, jobs.get(model.key), speeds.get(model.key)) for model in here()]
    named = {shown.model.key: shown.model for shown in models}
    chosen = ModelChoice.objects.select_related("chosen_by").order_by("purpose", "language")
    return Overview(
        models=models,
        server=_server(speeds.get(SERVER)),
        choices=[
            (choice, named[choice.model].name, named[choice.model].usable)
            if choice.model in named
            else (choice, choice.model.partition(":")[2], False)
            for choice in chosen
        ],
        workers=[(beat, beating.words(beat.doing)) for beat in beating.alive(LANE).order_by("worker")],
        adapters=[_adapter(name) for name in adapter_names(settings.ADAPTER_STORE)],
        languages=list(settings.GENERATION_LANGUAGES),
        folder=str(settings.MODELS_FOLDER),
    )


def _adapter(name: str) -> tuple[str, str, str]:
    try:
        _folder, facts = sound_adapter(name, settings.ADAPTER_STORE)
    except EngineUnavailable as error:
        return name, "", str(error)
    about = {key: value for key, value in facts.about.items() if isinstance(value, str | int | float)}
    return name, ", ".join(f"{key} {value}" for key, value in about.items()), ""


def _server(speed: ModelSpeed | None) -> Server | None:
    """Return the server with the models that it lists, asked now and then only; None where none is set."""
    address = settings.INFERENCE_URL
    if not address:
        return None
    told = cache.get_or_set(f"server-models:{address}", _ask_server, SERVER_SECONDS)
    offered, answers, trouble = told or ([], False, "")
    used = settings.TEXT_ENGINE.endswith(".RemoteEngine")
    return Server(address, settings.INFERENCE_MODEL, offered, answers, trouble, used, speed)


def _ask_server() -> tuple[list[str], bool, str]:
    """Return its models, whether it answers at all, and what keeps it from being used."""
    try:
        return listed_models(settings.INFERENCE_URL.rstrip("/"), SERVER_TIMEOUT), True, ""
    except NoList as error:
        # A server need not list its models to write with the one that is named.
        return [], True, str(error)
    except EngineUnavailable as error:
        return [], False, str(error)
