"""A Hub on loopback: the requests of the Hub's client answered over real HTTP, with every fault we must survive.

Spoken, as huggingface_hub 2.4 uses it: model info, ``resolve`` (HEAD and GET, ETag, commit and X-Linked headers, a
redirect to another origin for large files, ranges), repository creation, card validation, preupload, LFS batch, PUT
and verify, commit. Under ``/files/`` it is a plain web server, for mirrors.
"""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from tests.support.hub_state import REGULAR, TOKEN, Hub, Request
from tests.support.hub_uploads import Uploads

__all__ = ["TOKEN", "Hub", "serve"]


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


class Handler(Uploads):
    """Finds the answer to a request; reading is answered here."""

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
