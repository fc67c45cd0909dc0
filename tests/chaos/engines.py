"""An engine for the chaos tests: a real child process that can be killed, writing without a model.

The worker process imports this module because its TEXT_ENGINE names it; a recipe's mutation, which the
oracle must catch, is put in place on the way.
"""

import os

from generation.engine.child import ChildEngine
from tests.chaos import mutations

mutations.apply(os.environ.get("CHAOS_MUTATION", ""))


class KillableEngine(ChildEngine):
    """The child engine with a child that needs no model."""

    module = "tests.chaos.fake_child"
