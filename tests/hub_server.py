"""A Hub on loopback: the requests of the Hub's client answered over real HTTP, with every fault we must survive.

Spoken, as huggingface_hub 2.4 uses it: model info, ``resolve`` (HEAD and GET, ETag, commit and X-Linked headers, a
redirect to another origin for large files, ranges), repository creation, card validation, preupload, LFS batch, PUT
and verify, commit. Under ``/files/`` it is a plain web server, for mirrors.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


@contextmanager
def serve() -> Iterator[Hub]:
    """A running server."""
    hub = Hub()

    class Bound(Handler):
        state = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    hub.storage = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
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

    def do_HEAD(self) -> None:
        self._route()

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def do_PUT(self) -> None:
        self._route()

    def _route(self) -> None:
        headers = self.headers
        self.request_ = Request(self.command, self.path, headers["Authorization"], headers["Range"])
        self.state.requests.append(self.request_)
        body = self.rfile.read(int(headers["Content-Length"] or 0))
        path = self.path.partition("?")[0]
        for pattern, answer in ROUTES:
            match = re.fullmatch(pattern, path)
            if match:
                answer(self, *match.groups(), **({"body": body} if self.command in ("POST", "PUT") else {}))
                return
        self._send(404)

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

    def resolve(self, repo_id: str, revision: str, name: str) -> None:
        """``/OWNER/NAME/resolve/REVISION/FILE``."""
        if self._fault() or self._refused(repo_id):
            return
        commits = self.state.repositories[repo_id].commits
        if revision not in commits:
            self._send(404, X_Error_Code="RevisionNotFound")
            return
        if name not in commits[revision]:
            self._send(404, X_Error_Code="EntryNotFound", X_Repo_Commit=revision)
            return
        content = commits[revision][name]
        digest = hashlib.sha256(content).hexdigest()
        if len(content) > REGULAR:
            self._send(
                302,
                X_Repo_Commit=revision,
                X_Linked_Etag=f'"{digest}"',
                X_Linked_Size=str(len(content)),
                ETag=f'"{hashlib.md5(content).hexdigest()}"',
                Location=f"{self.state.storage}/storage/{digest}?signature=x",
            )
        else:
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            self._transfer(content, X_Repo_Commit=revision, ETag=f'"{blob}"')

    def storage(self, digest: str) -> None:
        """``/storage/SHA256``: what the redirects of large files lead to."""
        if not self._fault():
            self._transfer(self.state.blobs[digest], ETag=f'"{digest}"')

    def file(self, name: str) -> None:
        """``/files/NAME``: a plain web server; a content that starts with ``http`` is a redirect."""
        if self._fault():
            return
        content = self.state.files.get(name)
        if content is None:
            self._send(404)
        elif content.startswith(b"http"):
            self._send(302, Location=content.decode())
        else:
            self._transfer(content)

    def _transfer(self, content: bytes, **headers: str) -> None:
        """Send a file or the range asked for, with the faults that are due."""
        state, start, status = self.state, 0, 200
        match = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if match and state.ranges:
            start, status = int(match[1]), 206
            if start >= len(content):
                self._send(416, Content_Range=f"bytes */{len(content)}")
                return
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.request_.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if state.lengths or self.command == "HEAD":
            self.send_header("Content-Length", str(len(content) - start))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        promised = len(content) - start
        content = state.replaced if state.replaced is not None else content
        cut = state.cuts.pop(0) if state.cuts else -1
        rest = content[start:] if cut < 0 else content[start : start + cut]
        for at in range(0, len(rest), 16384):
            # Counted first: the client may be done before this thread goes on.
            self.request_.sent += len(rest[at : at + 16384])
            self.wfile.write(rest[at : at + 16384])
            time.sleep(state.pace)
        if self.request_.sent < promised:
            self.close_connection = True
            if state.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

    def info(self, repo_id: str, _revision: str | None = None) -> None:
        """``/api/models/OWNER/NAME``."""
        if not self._refused(repo_id):
            commits = self.state.repositories[repo_id].commits
            self._json({"id": repo_id, "sha": list(commits)[-1] if commits else None, "siblings": []})

    def _may_write(self) -> bool:
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
        if not allowed:
            self._send(403, X_Error_Message="you may not write here")
        return allowed

    def create(self, body: bytes) -> None:
        """``/api/repos/create``."""
        if not self._may_write():
            return
        about = json.loads(body)
        repo_id = f"{about['organization']}/{about['name']}"
        known = repo_id in self.state.repositories
        if not known:
            self.state.repositories[repo_id] = Repository(private=about.get("visibility") == "private")
        self._json({"url": f"{self.state.url}/{repo_id}"}, 409 if known else 200)

    def validate(self, body: bytes) -> None:
        """``/api/validate-yaml``: the card's metadata."""
        content = json.loads(body)["content"]
        well = content.startswith("---\nlicense: ")
        self._json({} if well else {"errors": [{"message": "no metadata"}]}, 200 if well else 400)

    def preupload(self, repo_id: str, body: bytes) -> None:
        """``/api/models/OWNER/NAME/preupload/main``: which files are large."""
        if self._refused(repo_id) or not self._may_write():
            return
        files = [
            {"path": f["path"], "uploadMode": "lfs" if f["size"] > REGULAR and f["path"] != "README.md" else "regular"}
            for f in json.loads(body)["files"]
        ]
        self._json({"files": [{**entry, "shouldIgnore": False} for entry in files]})

    def batch(self, repo_id: str, body: bytes) -> None:
        """``/OWNER/NAME.git/info/lfs/objects/batch``: where to put large files."""
        objects = []
        for item in json.loads(body)["objects"]:
            actions = {
                "upload": {"href": f"{self.state.storage}/storage/{item['oid']}"},
                "verify": {"href": f"{self.state.url}/{repo_id}.git/verify"},
            }
            known = item["oid"] in self.state.blobs
            objects.append({**item, **({} if known else {"actions": actions})})
        self._json({"transfer": "basic", "objects": objects})

    def put(self, digest: str, body: bytes) -> None:
        """``PUT /storage/SHA256``."""
        if hashlib.sha256(body).hexdigest() == digest:
            self.state.blobs[digest] = body
            self._send(200)
        else:
            self._send(400)

    def verify(self, _repo_id: str, body: bytes) -> None:
        """The end of an LFS upload."""
        item = json.loads(body)
        self._send(200 if len(self.state.blobs.get(item["oid"], b"")) == item["size"] else 404)

    def commit(self, repo_id: str, body: bytes) -> None:
        """``/api/models/OWNER/NAME/commit/main``: one JSON object per line."""
        if self._refused(repo_id) or not self._may_write():
            return
        commits = self.state.repositories[repo_id].commits
        tree = dict(list(commits.values())[-1]) if commits else {}
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                tree[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                tree[value["path"]] = self.state.blobs[value["oid"]]
        revision = self.state.commit(repo_id, tree)
        self._json({"commitUrl": f"{self.state.url}/{repo_id}/commit/{revision}", "commitOid": revision})

    def storage_or_put(self, digest: str, **body: bytes) -> None:
        """GET and PUT share an address."""
        if body:
            self.put(digest, **body)
        else:
            self.storage(digest)


_REPO = r"([\w.-]+/[\w.-]+)"
ROUTES: list[tuple[str, Any]] = [
    (r"/storage/([0-9a-f]{64})", Handler.storage_or_put),
    (r"/files/(.+)", Handler.file),
    (r"/api/repos/create", Handler.create),
    (r"/api/validate-yaml", Handler.validate),
    (rf"/api/models/{_REPO}/preupload/main", Handler.preupload),
    (rf"/api/models/{_REPO}/commit/main", Handler.commit),
    (rf"/api/models/{_REPO}(?:/revision/(.+))?", Handler.info),
    (rf"/{_REPO}\.git/info/lfs/objects/batch", Handler.batch),
    (rf"/{_REPO}\.git/verify", Handler.verify),
    (rf"/(?:datasets/)?{_REPO}/resolve/([^/]+)/(.+)", Handler.resolve),
]
