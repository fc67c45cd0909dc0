"""Which operating-system account an embedded server runs as, and where that account can reach its files.

Postgres refuses to run as root. Started by root, servers run as the owner of their data, or as `nobody`.
That account may not enter the folders above a clone (`/root` has mode 0700). We open no folder for it:
programs are then copied below /var/cache, and new data is kept below /var/lib with a link to it.
"""

import contextlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PROGRAM_COPIES = Path("/var/cache/liftwright")
DATA_OUTSIDE = Path("/var/lib/liftwright")


class ServerError(RuntimeError):
    """An embedded server cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """A user and group of the operating system."""

    uid: int
    gid: int

    @classmethod
    def for_data(cls, data: Path) -> "Account":
        """Return ourselves or, when we are root, the owner of `data` or `nobody`."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        if data.exists() and data.stat().st_uid != 0:
            return cls(data.stat().st_uid, data.stat().st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def process_options(self) -> dict[str, Any]:
        """Return the arguments with which `subprocess` starts a program as this account."""
        if self.is_ours:
            return {"umask": 0o077}
        return {"umask": 0o077, "user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, path: Path) -> bool:
        """Tell whether this account may enter, or run, `path` and every folder above it."""
        path = path.resolve()
        return self.is_ours or all(map(self._may_enter, [path, *path.parents]))

    def _may_enter(self, path: Path) -> bool:
        facts = path.stat()
        return bool(facts.st_mode & (stat.S_IXUSR if facts.st_uid == self.uid else stat.S_IXOTH))

    def own_folder(self, folder: Path) -> None:
        """Create `folder` for this account alone; one that somebody else made is refused."""
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            facts = folder.lstat()
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != self.uid:
                raise ServerError(f"{folder} belongs to another user; remove it and start again.") from None
        else:
            if not self.is_ours:
                os.chown(folder, self.uid, self.gid)

    def make_room(self, data: Path) -> None:
        """Make sure that `data` can be created, or entered, by this account."""
        if not data.exists() and not self.can_reach(data.parent):
            DATA_OUTSIDE.mkdir(mode=0o755, parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=f"{data.name}-", dir=DATA_OUTSIDE))
            os.chown(folder, self.uid, self.gid)
            data.unlink(missing_ok=True)  # a link to nothing
            data.symlink_to(folder / data.name)
        if not self.can_reach(data.resolve().parent):
            raise ServerError(
                f"The server runs as user number {self.uid}, who may not enter {data}. "
                "Set LIFTWRIGHT_DATA to a folder that every user may enter, or start as an ordinary user."
            )


def installed(package: str, account: Account) -> Path:
    """Return the folder of a pip package that carries a server, in a place where `account` can run it."""
    spec = find_spec(package.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ServerError(f"The package {package} is not installed: run `make install`.")
    folder = Path(spec.origin).parent
    if account.can_reach(folder):
        return folder
    return _public_copy(folder, PROGRAM_COPIES / f"{package}-{version(package)}") / folder.name


def _public_copy(folder: Path, copy: Path) -> Path:
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=copy.parent))
        for part in folder.parent.glob(f"{folder.name}*"):  # with the libraries beside it, "<name>.libs"
            shutil.copytree(part, scratch / part.name, ignore=shutil.ignore_patterns("__pycache__"))
        for path in [scratch, *scratch.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        with contextlib.suppress(OSError):  # another start was faster
            scratch.rename(copy)
        shutil.rmtree(scratch, ignore_errors=True)
    return copy
