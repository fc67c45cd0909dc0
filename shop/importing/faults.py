"""What can be wrong with a file, a row or a cell: a small fixed set of codes, each with a text."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _


class ImportRefused(Exception):
    """The file cannot be taken or used as asked; the message says why, and `faults` names each place."""

    def __init__(self, message: str, faults: Sequence[dict[str, Any]] = (), code: str = "") -> None:
        """Take the message for a person; `code` names the fault of the file as a whole."""
        super().__init__(message)
        self.faults, self.code = list(faults), code


def message(code: str, **values: Any) -> str:
    """Return the text of a fault in the language of the moment."""
    return _(TEXTS[code]) % values


def fault(code: str, column: str = "", **values: Any) -> dict[str, Any]:
    """Return a fault as reports keep it."""
    return {"code": code, "column": column, "message": message(code, **values)}


def told(kept: dict[str, Any]) -> str:
    """Return the text of a kept fault in the language of the reader: the worker keeps English."""
    text = TEXTS.get(kept["code"], "%")
    return str(kept["message"]) if "%" in text else _(text)


def reworded(kept: str) -> str:
    """Return a kept message in the language of the reader, whatever it has in its places."""
    for code, text in TEXTS.items():
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(text))
        if found := re.fullmatch(pattern, kept):
            return message(code, **found.groupdict())
    return kept


def N_(text: str) -> str:  # marks a text for translation, as gettext has it
    return text


TEXTS = {
    # The file as a whole
    "empty": N_("The file is empty."),
    "header_only": N_("The file has a header and no rows."),
    "not_text": N_("This is not a file of this format: save it as CSV UTF-8 and choose it again."),
    "archive_several": N_("The archive must hold exactly one CSV file."),
    "archive_unsafe": N_("The archive holds a name or a link that leads out of it: pack only the CSV file."),
    "archive_encrypted": N_("The archive is encrypted: pack the file without a password."),
    "archive_bomb": N_("The archive unpacks to far more than its size: send the CSV file itself."),
    "truncated": N_("The file ends in the middle: send it again."),
    "too_large": N_("The file is too large for this way of importing: split it, or import it part by part."),
    "encoding": N_("The text is not in the stated encoding: save it as UTF-8, or state the right one."),
    "line_too_long": N_("The line is longer than 1 MB: look for a quotation mark that is not closed."),
    "open_quote": N_("A quotation mark is not closed or stands in the wrong place."),
    "some_rejected": N_(
        "Rows with faults: %(rows)s. Nothing is applied: correct them and send the file again."
    ),
    "undo_changed": N_("This import cannot be undone: something that it wrote was changed since (%(what)s)."),
    "undo_depends": N_("This import cannot be undone: something depends on it now (%(what)s)."),
    "worker_lost": N_(
        "The worker stopped three times on this file: ask the administrator to look at its log."
    ),
    "worker_failed": N_(
        "The import failed three times (%(error)s): ask the administrator to look at the log."
    ),
    # Its header and shape
    "short_row": N_("The row has fewer cells than the header."),
    "long_row": N_("The row has more cells than the header."),
    "too_many_columns": N_("The file has more than 200 columns."),
    "header_missing": N_("No column is chosen for this."),
    "header_repeated": N_("This column is there twice: rename one of them, or leave one out."),
    "header_unknown": N_("This column is not known: choose what it is, or leave it out."),
    "header_empty": N_("This column has no name."),
    "cell_too_long": N_("The cell is too long."),
    # One cell
    "missing": N_("A value is missing."),
    "number": N_("This is not a number."),
    "integer": N_("This is not a whole number."),
    "negative": N_("This cannot be negative."),
    "range": N_("This value is out of range."),
    "date": N_("This is not a date: write it as 2026-03-31, with a time as 2026-03-31T14:30:00Z."),
    "zone": N_(
        "This time does not exist, or exists twice, in the stated time zone: write it with an offset."
    ),
    "choice": N_("This is none of the possible values."),
    "currency": N_("Another currency needs its rate to the shop's currency."),
    "email": N_("This is not an e-mail address."),
    "text": N_("This text has characters that cannot be stored."),
    "duplicate": N_("An earlier row has the same id."),
    "differs": N_("An earlier row of this order has another customer, time, status, currency or rate."),
    "unknown_product": N_("No product has this SKU."),
    "unknown_customer": N_("No customer has this id."),
    "unknown_order": N_("No order of this source has this id."),
    "unknown_campaign": N_("No campaign, or more than one, has this name or id."),
    "sum": N_("The lines of this order do not add up to its total."),
    "refund_too_large": N_("The refunds of this order would be more than was paid for it."),
    "rating": N_("A rating is 1 to 5, and only a review has one."),
    "suppressed": N_("This person asked not to be contacted: an import cannot give consent for them."),
}
