"""Why a text waits, failed or was skipped: codes stored in rows, and the sentences that people read."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

WORKER_LOST = "worker_lost"
ENGINE_DIED = "engine_died"
ENGINE_UNAVAILABLE = "engine_unavailable"
HANDED_BACK = "handed_back"
ERROR = "error"
REFUSED = "refused"
RUN_CANCELLED = "run_cancelled"
NO_PRODUCT = "no_product"
PRODUCT_CHANGED = "product_changed"
UNFIT_NAME = "unfit_name"
NO_CATEGORY = "no_category"
NO_REVIEW = "no_review"
NO_ORIGINAL = "no_original"
NO_CONSENT = "no_consent"
HAS_OFFER = "has_offer"
TEXT_CHANGED = "text_changed"
NOT_WANTED = "not_wanted"
BY_PERSON = "by_person"
YIELDED = "yielded"
NOTHING_TO_LEARN = "nothing_to_learn"
NOT_ALLOWED = "not_allowed"
DECIDER_LOST = "decider_lost"
DECISION_FAILED = "decision_failed"

SENTENCES = {
    WORKER_LOST: _("The writer stopped responding."),
    ENGINE_DIED: _("The language model stopped while it wrote this text."),
    ENGINE_UNAVAILABLE: _("The language model could not be started."),
    HANDED_BACK: _("The writer was shut down and handed the text back."),
    ERROR: _("Writing failed with an error that the log explains."),
    REFUSED: _(
        "Neither the model nor the plain writer found a text that passes the checks: shorten the facts."
    ),
    RUN_CANCELLED: _("The run was cancelled."),
    NO_PRODUCT: _("The product is no longer sold, or the campaign has none left."),
    PRODUCT_CHANGED: _("The product was changed while the text was written."),
    UNFIT_NAME: _("The name holds an address, a price or an offer: correct it, and write again."),
    NO_CATEGORY: _("The category does not exist any more."),
    NO_REVIEW: _("The review was taken back, or its product is gone."),
    NO_ORIGINAL: _("The text to translate does not exist any more."),
    NO_CONSENT: _("The customer does not want to be contacted, or has no address."),
    HAS_OFFER: _("The customer already has an approved offer of this campaign."),
    TEXT_CHANGED: _("The text was changed or decided meanwhile: ask again."),
    NOT_WANTED: _("Nobody waits for it any more."),
    BY_PERSON: _("Skipped by a person."),
    YIELDED: _("It lets the texts that people wait for go first, and goes on after them."),
    NOT_ALLOWED: _("Whoever decided may not do so any more."),
    DECIDER_LOST: _("The worker stopped responding; what it had decided stays decided."),
    DECISION_FAILED: _("Deciding failed with an error that the log explains."),
    NOTHING_TO_LEARN: _("No text is fit to be learnt from: the report says why."),
}


def sentence(reason: str) -> str:
    """Return the words for a stored reason, which is a code and perhaps ": " with details."""
    code = reason.partition(":")[0]
    return str(SENTENCES[code]) if code in SENTENCES else gettext("For an unknown reason.") if code else ""
