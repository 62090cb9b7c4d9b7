"""The Hub on loopback as ``push`` sees it: repositories made, cards validated, large files stored, commits."""

from __future__ import annotations

import base64
import hashlib
import json

from tests.support.hub_state import REGULAR, TOKEN, Answers, Repository


class Uploads(Answers):
    """Answers requests that change something."""

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
        metadata = content.partition("---\n")[2].partition("\n---\n")[0]
        well = content.startswith("---\n") and "\nlicense: " in metadata
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
