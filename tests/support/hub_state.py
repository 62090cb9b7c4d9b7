"""What a Hub on loopback holds and does wrong, and how it speaks: the parts that reading and writing share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

TOKEN = "hf_good"
REGULAR = 1000
"""Files up to this many bytes are in git itself, larger ones behind a redirect to the storage."""


@dataclass
class Repository:
    """Commits (each a whole tree) in order, and who may read."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    private: bool = False
    gated: bool = False


@dataclass
class Request:
    """What was asked and what was sent."""

    method: str
    path: str
    authorization: str | None
    range: str | None
    status: int = 0
    sent: int = 0


@dataclass
class Hub:
    """The state of the server; faults are used up in order, one per answer that they fit."""

    url: str = ""
    storage: str = ""
    """The same server by another name, so that clients see another origin."""
    repositories: dict[str, Repository] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """What is under ``/files/``."""
    requests: list[Request] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """Statuses of the next answers to downloads (0: none, answer properly)."""
    retry_after: str | None = None
    cuts: list[int] = field(default_factory=list)
    """After how many bytes the next transfers are cut; -1: not at all."""
    reset: bool = False
    """Cut with a reset instead of an orderly end."""
    replaced: bytes | None = None
    """Sent instead of the bytes that the headers promise."""
    pace: float = 0.0
    """Seconds between pieces of a transfer."""
    ranges: bool = True
    lengths: bool = True
    """Whether the length of a transfer is told; its end is the end of the connection otherwise."""

    def add(self, repo_id: str, content: bytes, filename: str = "mine.safetensors", **about: Any) -> str:
        """Put a file into a repository in a commit of its own; the commit."""
        repository = self.repositories.setdefault(repo_id, Repository(**about))
        tree = list(repository.commits.values())[-1] if repository.commits else {}
        return self.commit(repo_id, {**tree, filename: content})

    def commit(self, repo_id: str, tree: dict[str, bytes]) -> str:
        """A commit with these files."""
        commits = self.repositories[repo_id].commits
        revision = hashlib.sha1(f"{repo_id}{len(commits)}".encode()).hexdigest()
        commits[revision] = tree
        for content in tree.values():
            self.blobs[hashlib.sha256(content).hexdigest()] = content
        return revision

    def transferred(self) -> int:
        """Bytes of files sent so far."""
        return sum(request.sent for request in self.requests if request.method == "GET")

    def writes(self) -> list[Request]:
        """Requests that change something."""
        return [request for request in self.requests if request.method not in ("GET", "HEAD")]


class Answers(BaseHTTPRequestHandler):
    """Answers one connection."""

    state: Hub
    protocol_version = "HTTP/1.1"
    request_: Request

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the test's stderr."""

    def handle_one_request(self) -> None:
        """As usual, but a client that hangs up is no news."""
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _send(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.request_.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _json(self, data: Any, status: int = 200) -> None:
        self._send(status, json.dumps(data).encode(), Content_Type="application/json")

    def _fault(self) -> bool:
        status = self.state.statuses.pop(0) if self.state.statuses else 0
        if status:
            headers = {"Retry_After": self.state.retry_after} if self.state.retry_after else {}
            self._send(status, b"", **headers)
        return bool(status)

    def _refused(self, repo_id: str) -> bool:
        """Whether the repository cannot be read, having said so in the Hub's way."""
        repository = self.state.repositories.get(repo_id)
        token = self.headers["Authorization"]
        if token not in (None, f"Bearer {TOKEN}"):
            self._send(401, X_Error_Message="Invalid credentials in Authorization header")
        elif repository is None or (repository.private and token is None):
            self._send(404 if token else 401, X_Error_Code="RepoNotFound", X_Error_Message="Repository not found")
        elif repository.gated and token is None:
            self._send(401, X_Error_Code="GatedRepo", X_Error_Message="Access to this repository is restricted")
        else:
            return False
        return True
