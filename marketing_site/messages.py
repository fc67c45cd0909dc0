"""How translatable texts are collected into locale/, by Babel: no GNU gettext is needed.

`make messages` writes them; a test holds every catalogue complete.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from marketing_site.field_texts import unmarked_texts

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "locale"
METHODS = [
    *((f"{app}/**.py", "python") for app in ("shop", "campaigns", "generation", "marketing_site")),
    ("templates/**.html", "marketing_site.messages:extract_template"),
    ("templates/**.txt", "marketing_site.messages:extract_template"),
]
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def extract_template(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Any
) -> Iterator[Any]:
    """Yield the messages of one template: Django writes its tags as Python calls, Babel reads those."""
    # What is not a call stands there as rows of X: harmless to read, but for its indentation.
    calls = "\n".join(line.lstrip() for line in templatize(file.read().decode()).split("\n"))
    yield from extract_python(BytesIO(calls.encode()), keywords, comment_tags, options)


def collected() -> Catalog:
    """Return every text of the source that can be translated."""
    catalog = Catalog(project="Liftwright", charset="utf-8")
    found = extract_from_dir(ROOT, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
    for path, _line, text, comments, context in found:
        catalog.add(text, locations=[(path, 0)], auto_comments=comments, context=context)
    for named, _attribute, text in unmarked_texts():
        catalog.add(text, locations=[(str(named.model._meta), 0)])
    return catalog


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def update() -> None:
    """Bring every catalogue in locale/ up to date with the source; what is gone is dropped."""
    template = collected()
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        catalog = catalogue(path)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        with path.open("wb") as file:
            write_po(file, catalog, sort_output=True, ignore_obsolete=True, include_lineno=False, width=110)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")
    django.setup()
    update()
