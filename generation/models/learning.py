"""Learning from the shop: what was collected, what was taught, how it was judged, and what is in use."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generation.models.runs import Language
from generation.models.texts import Variant
from generation.texts.kinds import Kind
from generation.tuning.recipe import Method
from marketing_site.lib.work import OPEN, Leased, Move, State, lease_constraints
from shop.models import Customer, Product


class Split(models.TextChoices):
    """What an example is for: no product is in two of these."""

    TRAIN = "train", _("teaching")
    VALIDATION = "validation", _("watching while it is taught")
    TEST = "test", _("held out to judge the result")


class Source(models.TextChoices):
    TEXT = "text", _("texts that people judged")
    PRODUCT = "product", _("product descriptions")
    REVIEW = "review", _("reviews")
    STARTER = "starter", _("the starter corpus")


class DataSet(models.Model):
    """One collection of examples: looked at first, then frozen with a hash and never added to again."""

    class State(models.TextChoices):
        LOOKING = "looking", _("being looked through")
        REPORTED = "reported", _("to look at")
        KEEPING = "keeping", _("being kept")
        FROZEN = "frozen", _("frozen")

    name = models.CharField(_("name"), max_length=80)
    # Which texts: kinds ([] for all), sources, and those changed since a day.
    kinds = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    since = models.DateField(_("since"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LOOKING)
    # Counts and lengths, never a text: see generation.learning.reporting.
    report = models.JSONField(default=dict)
    # What every example begins with, and the revision of the words that ask for texts.
    shared = models.JSONField(default=list)
    prompt_revision = models.CharField(max_length=40, blank=True)
    # SHA-256 of all examples; made anew where an erasure took some away.
    hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    frozen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("data set"), _("data sets")
        permissions = [("download_dataset", _("Can download data sets for teaching"))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("generation:learning_set", args=[self.pk])


class Example(models.Model):
    """One thing to learn, or to be judged by, with where it is from: erasing a person deletes theirs."""

    data_set = models.ForeignKey(DataSet, models.CASCADE, related_name="examples")
    number = models.PositiveIntegerField()
    split = models.CharField(max_length=10, choices=Split)
    source = models.CharField(max_length=8, choices=Source)
    kind = models.CharField(max_length=20, choices=Kind, blank=True)  # "": a customer's own words
    language = models.CharField(max_length=8, choices=Language, default=Language.EN)
    tone = models.CharField(max_length=40, blank=True)
    own = models.TextField()
    answer = models.TextField()
    # Facts, voice and text with open slots, to have it written anew; null where nobody asks for that.
    brief = models.JSONField(null=True)
    product = models.ForeignKey(Product, models.SET_NULL, null=True, db_index=False, related_name="+")
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="+")
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(null=True)
    # The review it was made from; imports take events back in bulk, so this is a number only.
    event = models.BigIntegerField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("example"), _("examples")
        constraints = [models.UniqueConstraint(fields=["data_set", "number"], name="example_once")]
        indexes = [models.Index(fields=["data_set", "split", "number"], name="example_by_split")]

    def __str__(self) -> str:
        return f"{self.data_set_id}: {self.number}"


class Sighting(models.Model):
    """That a data set held texts that concern one person; it stays when they are erased, without a word."""

    data_set = models.ForeignKey(DataSet, models.CASCADE, related_name="sightings")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    examples = models.PositiveIntegerField()
    # Since when the examples are gone.
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("sighting"), _("sightings")
        constraints = [models.UniqueConstraint(fields=["data_set", "customer"], name="sighting_once")]

    def __str__(self) -> str:
        return f"{self.data_set_id}: {self.customer_id}"


class Training(models.Model):
    """One run that taught a model from a data set, and the adapter or model that it made."""

    class Ended(models.TextChoices):
        ALL = "all", _("everything was taught")
        EARLY = "early", _("ended early: it did not get better any more")

    data_set = models.ForeignKey(DataSet, models.PROTECT, related_name="trainings")
    method = models.CharField(
        _("method"),
        max_length=4,
        choices=[(Method.LORA, _("adapter (LoRA)")), (Method.FULL, _("all weights"))],
    )
    # See generation.tuning.recipe.Recipe.
    recipe = models.JSONField()
    # GENERATION_MODEL as it was: "" is the default model.
    base = models.CharField(max_length=500, blank=True)
    # The folder in the store; "" until it is there.
    adapter = models.CharField(_("adapter"), max_length=60, blank=True)
    # What it was taught from, when it began; a data set that lost examples since has another.
    hash = models.CharField(max_length=64, blank=True)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    tokens = models.BigIntegerField(default=0)
    tokens_per_second = models.FloatField(null=True)
    seconds = models.FloatField(default=0)
    first_loss = models.FloatField(null=True)
    best_loss = models.FloatField(null=True)
    pairs = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    ended = models.CharField(max_length=10, choices=Ended, blank=True)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Since when it is known that it saw a text of a person who is erased.
    saw_erased_at = models.DateTimeField(null=True)
    again_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("teaching run"), _("teaching runs")
        constraints = [
            models.UniqueConstraint(
                fields=["adapter"], condition=~Q(adapter=""), name="training_adapter_once"
            )
        ]

    def __str__(self) -> str:
        return f"shop-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("generation:learning_training", args=[self.pk])

    @property
    def seconds_left(self) -> float | None:
        """Estimate how long it still takes at the pace so far."""
        return self.seconds / self.step * (self.steps - self.step) if self.step else None


class TrainingPoint(models.Model):
    """What one step of a teaching run told."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="points")
    step = models.PositiveIntegerField()
    loss = models.FloatField()
    validation_loss = models.FloatField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("step of teaching"), _("steps of teaching")
        constraints = [models.UniqueConstraint(fields=["training", "step"], name="training_point_once")]

    def __str__(self) -> str:
        return f"{self.training_id}: {self.step}"


class Evaluation(models.Model):
    """Two adapters (or none) writing the same briefs, and what plain code thinks of both."""

    class Side(models.TextChoices):
        BEFORE = "before", _("before")
        AFTER = "after", _("after")

    # Whose held-out texts are written anew; None: the fixed briefs that come with the program.
    data_set = models.ForeignKey(DataSet, models.PROTECT, null=True, related_name="evaluations")
    training = models.ForeignKey(Training, models.SET_NULL, null=True, related_name="evaluations")
    # Names of adapters, "" for the model as it is.
    before = models.CharField(_("before"), max_length=60, blank=True)
    after = models.CharField(_("after"), max_length=60, blank=True)
    briefs = models.PositiveIntegerField(_("briefs"))
    model_revision = models.CharField(max_length=100, blank=True)
    # {"before": …, "after": …}: see generation.learning.measuring.
    scores = models.JSONField(default=dict)
    # What of it is better, and what is worse: see generation.learning.gating. null until it is over.
    verdict = models.JSONField(null=True)
    passed = models.BooleanField(null=True)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("evaluation"), _("evaluations")
        indexes = [models.Index(fields=["finished_at"], name="evaluation_by_end")]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after or '–'}"

    def get_absolute_url(self) -> str:
        return reverse("generation:learning_evaluation", args=[self.pk])


class EvaluationText(models.Model):
    """What one side wrote for one brief; it goes with the example that asked for it."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="texts")
    side = models.CharField(max_length=6, choices=Evaluation.Side)
    number = models.PositiveIntegerField()
    example = models.ForeignKey(Example, models.CASCADE, null=True, related_name="+")
    # See generation.tuning.evaluation.Judged.
    judged = models.JSONField()
    # How far it is from what people approved: 0 is the same, 1 has nothing in common.
    distance = models.FloatField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("text of an evaluation"), _("texts of evaluations")
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "side", "number"], name="evaluation_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {self.side} {self.number}"


class Promotion(models.Model):
    """What writes from this moment on, as somebody decided. Append-only: the latest row counts."""

    class Action(models.TextChoices):
        CANARY = "canary", _("tried on a share of the runs")
        PROMOTE = "promote", _("put into use")
        ROLL_BACK = "roll_back", _("rolled back")

    action = models.CharField(max_length=10, choices=Action)
    adapter = models.CharField(_("adapter"), max_length=60, blank=True)
    # Beside it, on `share` percent of the runs; "" and 0 for none.
    canary = models.CharField(max_length=60, blank=True)
    share = models.PositiveSmallIntegerField(default=0)
    # The weights that the evaluation was made with: another model does not get these adapters.
    model_revision = models.CharField(max_length=100, blank=True)
    evaluation = models.ForeignKey(Evaluation, models.SET_NULL, null=True, related_name="promotions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("promotion"), _("promotions")
        permissions = [("promote_adapter", _("Can put adapters into use"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(share=0, canary="") | Q(share__gte=1, share__lte=50), name="promotion_share"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.action}"


class LearningJob(Leased):
    """One piece of work behind these rows, which the writers do between texts."""

    class Purpose(models.TextChoices):
        LOOK = "look", _("looking through texts")
        KEEP = "keep", _("keeping a data set")
        TEACH = "teach", _("teaching")
        EVALUATE = "evaluate", _("evaluating")

    purpose = models.CharField(max_length=8, choices=Purpose)
    data_set = models.ForeignKey(DataSet, models.CASCADE, null=True, related_name="jobs")
    training = models.ForeignKey(Training, models.CASCADE, null=True, related_name="jobs")
    evaluation = models.ForeignKey(Evaluation, models.CASCADE, null=True, related_name="jobs")
    # The form carries it, so that a double click is the same job.
    client_key = models.UUIDField(unique=True)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_claim_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("learning job"), _("learning jobs")
        constraints = [*lease_constraints("learning_job")]
        indexes = [
            models.Index(
                fields=["last_claim_at", "id"],
                name="learning_job_due",
                condition=Q(state__in=[State.QUEUED, State.RETRY_WAIT]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

    @property
    def over(self) -> bool:
        return self.state not in OPEN


class LearningMove(Move):
    """One change of a learning job's state."""

    job = models.ForeignKey(LearningJob, models.CASCADE, related_name="events")

    class Meta:
        verbose_name, verbose_name_plural = _("move of a learning job"), _("moves of learning jobs")
        indexes = [models.Index(fields=["job", "at"], name="learning_move_by_job")]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.from_state} → {self.to_state}"
