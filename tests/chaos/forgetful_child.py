"""What runs in a teaching child with a bug: a resumed run has its weights again, but not their momentum."""

import importlib

from generation.tuning import serve


def main() -> None:
    training = importlib.import_module(serve.TRAINING)
    training.Training._restore_optimizer = lambda run, kept: None
    serve.main()


if __name__ == "__main__":
    main()
