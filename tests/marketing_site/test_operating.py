"""The operating manual names every variable that the settings read."""

import re
from pathlib import Path

from django.conf import settings


def test_every_variable_is_in_the_manual() -> None:
    source = (Path(settings.BASE_DIR) / "marketing_site" / "settings.py").read_text()
    manual = (Path(settings.BASE_DIR) / "docs" / "operating.md").read_text()
    variables = set(re.findall(r'env\.\w+\("([A-Z_0-9]+)"', source))
    assert len(variables) > 20
    assert {name for name in variables if f"`{name}`" not in manual} == set()
