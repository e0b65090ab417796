"""Pull requests of the emulated GitHub: on the bare repositories that the Git server serves."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.github_route import Request, Route

Pull = dict[str, Any]


@dataclass(slots=True)
class Pulls:
    """The pull requests by repository; `root` is the folder of `owner/name.git`.

    `waiting` says that something has to happen before a merge, such as a review: else auto-merge has nothing to wait
    for, which GitHub refuses. `ways` are the methods that repositories allow.
    """

    root: Path
    made: dict[str, list[Pull]] = field(default_factory=dict)
    waiting: bool = True
    ways: frozenset[str] = frozenset({"SQUASH", "MERGE"})

    @property
    def routes(self) -> Mapping[str, Route]:
        """What answers."""
        return {
            "GET /repos/{owner}/{repo}/pulls": self._list,
            "POST /repos/{owner}/{repo}/pulls": self._open,
            "PATCH /repos/{owner}/{repo}/pulls/{number}": self._change,
            "PUT /repos/{owner}/{repo}/pulls/{number}/merge": self._merge,
            "POST /graphql": self._graphql,
        }

    def of(self, repository: str) -> list[Pull]:
        """Return a repository's pull requests, the oldest first."""
        return self.made.setdefault(repository, [])

    def close(self, pull: Pull) -> None:
        """Do what a person does who refuses it."""
        pull["state"] = "closed"

    def merge(self, repository: str, pull: Pull, title: str = "", message: str = "") -> str:
        """Do what a person does who squashes it; return the commit on the base."""
        base, head = pull["base"]["ref"], self._sha(repository, pull["head"]["ref"])
        tip = self._sha(repository, base)
        text = f"{title}\n\n{message}" if title else self._git(repository, "show", "-s", "--format=%B", head)
        tree = self._git(repository, "merge-tree", "--write-tree", tip, head)
        commit = self._git(repository, "commit-tree", tree, "-p", tip, "-m", text)
        self._git(repository, "update-ref", f"refs/heads/{base}", commit, tip)
        pull |= {"state": "closed", "merged_at": "2026-01-02T03:04:05Z", "auto_merge": None}
        return commit

    def _list(self, request: Request) -> tuple[int, Any]:
        query = request.query
        found = [
            pull
            for pull in self._current(request.repository)
            if query.get("state", "open") in {"all", pull["state"]}
            and query.get("base", pull["base"]["ref"]) == pull["base"]["ref"]
            and query.get("head", pull["head"]["label"]) == pull["head"]["label"]
        ]
        return 200, found[::-1][: int(query.get("per_page", 30))]

    def _open(self, request: Request) -> tuple[int, Any]:
        body, repository = request.body, request.repository
        head, base, label = body["head"], body["base"], f"{request.names['owner']}:{body['head']}"
        if not self._sha(repository, head):
            return _invalid(field="head", code="invalid")
        if any(pull["head"]["ref"] == head and pull["state"] == "open" for pull in self.of(repository)):
            return _invalid(code="custom", message=f"A pull request already exists for {label}.")
        if not self._git(repository, "rev-list", f"{base}..{head}"):
            return _invalid(code="custom", message=f"No commits between {base} and {head}")
        if len(body["body"]) > 65_536:
            return _invalid(code="custom", message="body is too long (maximum is 65536 characters)")
        number = len(self.of(repository)) + 1
        self.of(repository).append({
            "number": number, "node_id": f"{repository}#{number}", "state": "open", "merged_at": None,
            "html_url": f"https://github.com/{repository}/pull/{number}", "title": body["title"], "body": body["body"],
            "auto_merge": None, "base": {"ref": base}, "head": {"ref": head, "label": label, "sha": ""},
        })  # fmt: skip
        return 201, self._current(repository)[-1]

    def _change(self, request: Request) -> tuple[int, Any]:
        pull = self.of(request.repository)[int(request.names["number"]) - 1]
        pull |= {key: request.body[key] for key in ("title", "body") if key in request.body}
        return 200, pull

    def _merge(self, request: Request) -> tuple[int, Any]:
        repository, body = request.repository, request.body
        pull = self._current(repository)[int(request.names["number"]) - 1]
        if self.waiting or pull["state"] != "open":
            return 405, {"message": "Pull Request is not mergeable"}
        if body["sha"] != pull["head"]["sha"]:
            return 409, {"message": "Head branch was modified. Review and try the merge again."}
        commit = self.merge(repository, pull, body.get("commit_title", ""), body.get("commit_message", ""))
        return 200, {"merged": True, "sha": commit}

    def _graphql(self, request: Request) -> tuple[int, Any]:
        variables = request.body["variables"]
        if "enablePullRequestAutoMerge" not in request.body["query"]:
            allowed = {f"{way.lower()}MergeAllowed": way in self.ways for way in ("SQUASH", "REBASE")}
            return 200, {"data": {"repository": {**allowed, "mergeCommitAllowed": "MERGE" in self.ways}}}
        wanted = variables["input"]
        repository, _, number = wanted["pullRequestId"].partition("#")
        pull = self._current(repository)[int(number) - 1]
        if wanted["mergeMethod"] not in self.ways:
            return _refused(f"Merge method {wanted['mergeMethod'].lower()} is not allowed on this repository")
        if wanted["expectedHeadOid"] != pull["head"]["sha"]:
            return _refused("Head sha didn't match expected sha")
        if not self.waiting:
            return _refused("Pull request Pull request is in clean status")
        pull["auto_merge"] = {"merge_method": wanted["mergeMethod"].lower()}
        return 200, {"data": {"enablePullRequestAutoMerge": {"pullRequest": {"number": int(number)}}}}

    def _current(self, repository: str) -> list[Pull]:
        """Return the pull requests, those that are open with what their branch has now."""
        for pull in self.of(repository):
            if pull["state"] == "open":
                pull["head"]["sha"] = self._sha(repository, pull["head"]["ref"])
        return self.of(repository)

    def _sha(self, repository: str, branch: str) -> str:
        return self._git(repository, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}")

    def _git(self, repository: str, *args: str) -> str:
        line = ["git", "-C", str(self.root / f"{repository}.git"), *args]
        identity = {
            f"GIT_{who}_{key}": "merger@example.com" for who in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")
        }
        return subprocess.run(
            line, env=os.environ | identity, capture_output=True, text=True, check=True
        ).stdout.strip()


def _invalid(**error: str) -> tuple[int, Any]:
    return 422, {"message": "Validation Failed", "errors": [{"resource": "PullRequest", **error}]}


def _refused(message: str) -> tuple[int, Any]:
    return 200, {"data": None, "errors": [{"type": "UNPROCESSABLE", "message": message}]}
