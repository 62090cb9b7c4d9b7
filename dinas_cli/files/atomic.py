"""Where data live, and writes that either happen completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dinas_cli.errors import DinasError, NotFoundError, reason_of


def data_dir() -> Path:
    """The folder of tables and other downloaded or imported data; ``DINAS_HOME`` overrides the platform's own.

    The folder is not created: a reader must not leave traces (see :func:`make_dir`).
    """
    home = os.environ.get("DINAS_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return platformdirs.user_data_path("dinas", appauthor=False)


def make_dir(path: Path) -> Path:
    """Create a folder and its parents; raise :class:`DinasError` in one line where that is impossible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DinasError(f"cannot create folder {path}: {reason_of(error)}", "choose another folder") from error
    return path


def check_target(path: Path, *, force: bool = False) -> Path:
    """Whether ``path`` may be written, told before any work is done; returns it with links followed.

    Raises :class:`DinasError` when its folder is missing or not writable, when it is no regular file, or when it
    exists and ``force`` is false.
    """
    target = path.expanduser().resolve()
    if target.is_dir():
        raise DinasError(f"{path} is a folder, not a file", "name a file inside it")
    if target.exists():
        if not target.is_file():
            raise DinasError(f"{path} is not a regular file", "leave the output option out to write to stdout")
        if not force:
            raise DinasError(f"{path} exists already", "overwrite it with --force, or choose another name")
    if not target.parent.is_dir():
        raise DinasError(f"folder {path.parent} does not exist", f"create it first: mkdir -p {path.parent}")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise DinasError(f"folder {path.parent} is not writable", "choose another folder")
    return target


@contextmanager
def atomic_path(path: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Yield a temporary path in the same folder that becomes ``path`` when the block ends without an error.

    The block writes the temporary file itself (for writers that want a file name). On any error, Ctrl-C included,
    the temporary file is removed and ``path`` stays as it was. Without ``force`` a file that appears meanwhile is
    never overwritten. Raises :class:`DinasError` in one line for a full disk or a missing permission.
    """
    path = Path(path)
    target = check_target(path, force=force)
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        # O_EXCL with the usual mode, so that the file gets the permissions of any other file the user makes.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        with open(temporary, "rb") as stream:
            os.fsync(stream.fileno())
        if force:
            os.replace(temporary, target)
        else:
            _publish(temporary, target)
    except FileExistsError as error:
        raise DinasError(f"{path} exists already", "overwrite it with --force, or choose another name") from error
    except OSError as error:
        raise DinasError(
            f"cannot write {path}: {reason_of(error)}", "free some space or choose another folder"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def atomic_write(path: str | Path, data: bytes | str, *, force: bool = False) -> Path:
    """Write ``data`` (text as UTF-8) to ``path`` completely or not at all; see :func:`atomic_path` for the errors."""
    content = data.encode() if isinstance(data, str) else data
    with atomic_path(path, force=force) as temporary, open(temporary, "wb") as stream:
        stream.write(content)
    return Path(path)


def sha256_file(path: str | Path) -> str:
    """Hexadecimal SHA-256 of a file; raises :class:`NotFoundError` when it does not exist."""
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}") from error
    except OSError as error:
        raise DinasError(f"cannot read {path}: {reason_of(error)}") from error


def _publish(temporary: Path, target: Path) -> None:
    """Move ``temporary`` to ``target`` unless that exists, without a gap between the check and the move."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        # A file system without hard links: the check made before the write has to do.
        if target.exists():
            raise FileExistsError(str(target)) from error
        os.replace(temporary, target)
