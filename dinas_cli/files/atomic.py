"""Where data live, and writes that either happen completely or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Literal

from dinas_cli.errors import DinasError, NotFoundError, UsageProblem, reason_of
from dinas_cli.files.interrupts import uninterrupted
from dinas_cli.files.leftovers import hold, remove_leftovers, temporary_name

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def data_dir() -> Path:
    """The folder of tables and other downloaded or imported data; ``DINAS_HOME`` overrides the platform's own.

    The folder is not created: a reader must not leave traces (see :func:`make_dir`).
    """
    home = os.environ.get("DINAS_HOME")
    if home:
        return expanded(home)
    return platform_dir("data")


def platform_dir(kind: Literal["data", "cache"]) -> Path:
    """The folder that the platform has for ``kind``; raise :class:`UsageProblem` for a user without a home folder."""
    import platformdirs

    find = platformdirs.user_data_path if kind == "data" else platformdirs.user_cache_path
    try:
        return expanded(find("dinas", appauthor=False))
    except RuntimeError as error:
        raise UsageProblem("this user has no home folder", "say where data may lie with DINAS_HOME=FOLDER") from error


def expanded(path: str | Path) -> Path:
    """``path`` with ``~`` and ``~user`` replaced; raise :class:`UsageProblem` where that user has no home folder."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UsageProblem(
            f"{path}: there is no such home folder", "write the folder in full (that of data: DINAS_HOME=FOLDER)"
        ) from error


def make_dir(path: Path) -> Path:
    """Create a folder and its parents; raise :class:`DinasError` in one line where that is impossible."""
    folder = expanded(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DinasError(f"cannot create folder {path}: {reason_of(error)}", "choose another folder") from error
    return folder


@contextmanager
def new_dir(path: Path) -> Iterator[Path]:
    """:func:`make_dir`; where the block fails, folders that were made for it go again."""
    made = [folder for folder in (expanded(path), *expanded(path).parents) if not folder.exists()]
    try:
        yield make_dir(path)
    except BaseException:
        with suppress(OSError):  # not empty
            for folder in made:
                folder.rmdir()
        raise


def check_target(path: Path, *, force: bool = False) -> Path:
    """Whether ``path`` may be written, told before any work is done; returns it with links followed.

    Raises :class:`DinasError` when its folder is missing or not writable, when it is no regular file, or when it
    exists and ``force`` is false.
    """
    target = Path(os.path.realpath(expanded(path)))
    if any(part.is_symlink() for part in (target, *target.parents)):
        raise DinasError(f"{path} is a link that leads to itself", "remove the link, or choose another name")
    if target.is_dir():
        raise DinasError(f"{path} is a folder, not a file", "name a file inside it")
    if target.exists():
        if not target.is_file():
            raise DinasError(f"{path} is not a regular file", "leave the output option out to write to stdout")
        if not force:
            raise DinasError(f"{path} exists already", "overwrite it with --force, or choose another name")
    if not target.parent.is_dir() and path.is_symlink():
        raise DinasError(
            f"{path} is a link into folder {target.parent}, which does not exist", "remove the link, or make the folder"
        )
    if not target.parent.is_dir():
        raise DinasError(f"folder {path.parent} does not exist", f"create it first: mkdir -p {path.parent}")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise DinasError(f"folder {path.parent} is not writable", "choose another folder")
    return target


@contextmanager
def atomic_path(path: str | Path, *, force: bool = False) -> Iterator[Path]:
    """:func:`atomic_paths` for one file."""
    with atomic_paths([Path(path)], force=force) as (temporary,):
        yield temporary


@contextmanager
def atomic_paths(paths: Sequence[Path], *, force: bool = False) -> Iterator[list[Path]]:
    """Yield temporary paths in the same folders that become ``paths``, all of them, when the block ends without error.

    The block writes the temporary files itself (for writers that want a file name). On any error, interrupts and a
    name that is taken meanwhile included, the temporary files are removed and what was there stays as it was. Without
    ``force`` no file is ever overwritten. What a killed writer has left in the folders is removed. Raises
    :class:`DinasError` in one line for a full disk or a missing permission.
    """
    targets = [check_target(path, force=force) for path in paths]
    if not targets:
        yield []
        return
    for folder in {target.parent for target in targets}:
        remove_leftovers(folder)
    with ExitStack() as stack, _in_one_line(paths[0] if len(paths) == 1 else paths[0].parent):
        token, last, descriptor = hold(targets[-1])
        stack.callback(last.unlink, missing_ok=True)
        stack.callback(os.close, descriptor)
        temporaries = [temporary_name(target, token, number) for number, target in enumerate(targets[:-1], 1)]
        for temporary in temporaries:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            stack.callback(temporary.unlink, missing_ok=True)
        temporaries.append(last)
        yield temporaries
        for temporary in temporaries:
            with open(temporary, "rb") as stream:
                os.fsync(stream.fileno())
        with uninterrupted():
            if len(targets) == 1:
                _publish(last, targets[0], force)
            else:
                _publish_all(temporaries, targets, force, token)


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


@contextmanager
def _in_one_line(path: Path) -> Iterator[None]:
    """Turn what the system refuses into a :class:`DinasError` about ``path``."""
    try:
        yield
    except FileExistsError as error:
        name = error.filename2 or path
        raise DinasError(f"{name} exists already", "overwrite it with --force, or choose another name") from error
    except OSError as error:
        raise DinasError(
            f"cannot write {path}: {reason_of(error)}", "free some space or choose another folder"
        ) from error


def _publish(temporary: Path, target: Path, force: bool) -> None:
    """Move ``temporary`` to ``target``, without ``force`` only where there is none, and without a gap in between."""
    if force:
        os.replace(temporary, target)
        return
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links: the check made before the write has to do.
        if target.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(temporary), None, str(target)) from error
        os.replace(temporary, target)


def _publish_all(temporaries: Sequence[Path], targets: Sequence[Path], force: bool, token: str) -> None:
    """:func:`_publish` all, in their order, or none."""
    with ExitStack() as kept, ExitStack() as undo:
        for number, (temporary, target) in enumerate(zip(temporaries, targets, strict=True), len(targets)):
            if force and target.exists():
                before = temporary_name(target, token, number)
                kept.callback(before.unlink, missing_ok=True)
                _second_name(target, before)
                undo.callback(os.replace, before, target)
            else:
                undo.callback(_remove, target, temporary.stat())
            _publish(temporary, target, force)
        undo.pop_all()


def _second_name(path: Path, name: Path) -> None:
    """Let ``name`` hold what ``path`` holds."""
    try:
        os.link(path, name)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(path, name)


def _remove(path: Path, about: os.stat_result) -> None:
    """Remove ``path`` where it is the file that ``about`` is about."""
    with suppress(OSError):
        if os.path.samestat(path.stat(), about):
            path.unlink()
