"""Every Dockerfile of a table gives what it gives on Dagger's engine.

A case of dockerfiles.toml:

    name, kind            what it is called, and what it is about
    dockerfile            the text of the Dockerfile; `path` is where it lies (Dockerfile unless said); with
                          `no_dockerfile = true` it is not written; {{x*99}} in it stands for 99 x
    files                 the rest of the context: path = "text", or {text, base64, mode, link, dir}
    args, target, platform, secrets    what the build is given; an argument NONCE that it declares gets a new value
    probe                 a shell command, run in the built image; with `outside = true` run in alpine, the image's
                          files at /image (for an image without a shell, or of another platform)
    config                the keys of the image's configuration that count
    then                  further builds, each changing `files` ({gone = true} removes one), `args` or `secrets`
    together              the builds of `then` run at the same time as the first
    dagger                what Dagger's engine gave: `output` (one text a build), `config`, `built`, or `error`
"""

import base64
import json
import os
import re
import shutil
import tarfile
import tempfile
import tomllib
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import dagger
import pytest

pytestmark = pytest.mark.anyio

Case = dict[str, Any]

CASES: list[Case] = tomllib.loads(Path(__file__).with_name("dockerfiles.toml").read_text())["case"]
KINDS = sorted({str(case["kind"]) for case in CASES})
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
REFUSED: Case = {"error": "in one line"}

BY_THE_REFERENCE: Mapping[str, Case] = {
    "directive-syntax-unknown": REFUSED,
    "arg-is-not-in-the-image": {"output": ["[]\n"], "config": {"Env": [PATH]}},
    "arg-predefined-proxy": {"output": ["[http://proxy.example:3128][localhost]\n"]},
    "arg-other-platform": {
        "output": ["linux/arm64 arm64 [] {own}\n"],
        "config": {"os": "linux", "architecture": "arm64"},
    },
    "arg-other-platform-variant": {
        "output": ["linux/arm/v7 arm [v7]\n"],
        "config": {"os": "linux", "architecture": "arm", "variant": "v7"},
    },
    "from-scratch-alone-is-empty": {"output": [""], "config": {"Labels": {"a": "b"}}},
    "copy-chown-made-user": {
        "output": [
            (
                ". 755 1000:1001 directory\n./a 644 1000:1001 regular file\n"
                "./b 644 1000:1002 regular file\n./c 644 0:1002 regular file\n"
            )
        ]
    },
    "copy-chown-creates-parents": {
        "output": [
            (
                ". 755 12:34 directory\n./a 755 12:34 directory\n./a/b 755 12:34 directory\n"
                "./a/b/f 644 12:34 regular file\n"
            )
        ]
    },
    "ignore-specific-file-empty": {
        "output": ["./.dockerignore\n./a.log\n./app.Dockerfile\n./app.Dockerfile.dockerignore\n./keep\n"]
    },
    "mount-cache-mode-and-owner": {"output": ["700 12:34\n"]},
    "mount-cache-read-only": {"output": ["read-only\n"]},
    "mount-ssh-missing": {"output": ["[unset]\n"]},
    "expose-sctp": {"config": {"ExposedPorts": {"99/sctp": {}}}},
    "onbuild-copy-from-image": {"output": ["there\n"]},
    "onbuild-copy-from-stage": {"output": ["deep\n"]},
    "onbuild-mount-from-stage": {"output": ["deep\n"]},
    "platform-of-a-missing-variant": {"output": ["x\n"], "config": {"os": "linux", "architecture": "arm64"}},
}
"""What the local engine gives where Dagger's own is at fault, as each case's note says: what the reference says."""


def test_every_case_with_a_note_has_what_the_reference_says() -> None:
    assert {case["name"] for case in CASES if "note" in case} == set(BY_THE_REFERENCE)


@pytest.mark.parametrize("kind", KINDS)
async def test_dockerfiles_give_what_they_give_on_daggers_engine(dag: dagger.Client, kind: str) -> None:
    cases = [case for case in CASES if case["kind"] == kind]
    wrong: list[str] = []
    limiter = anyio.CapacityLimiter(3)

    async def check(case: Case) -> None:
        async with limiter:
            got = await outcome(dag, case)
        if not holds(case, got):
            wrong.append(f"{case['name']}: wanted {wanted(case)}, got {got}")

    async with anyio.create_task_group() as group:
        for case in cases:
            group.start_soon(check, case)
    assert not wrong, "\n".join(wrong)


def holds(case: Case, got: Case) -> bool:
    if "error" in wanted(case):
        return "error" in got and "\n" not in got["error"]
    return got == wanted(case)


def wanted(case: Case) -> Case:
    is_local = "DAGGER_SESSION_PORT" not in os.environ
    expected = BY_THE_REFERENCE.get(case["name"], case["dagger"]) if is_local else case["dagger"]
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, "")
    if "output" in expected:
        expected = {**expected, "output": [text.replace("{own}", machine) for text in expected["output"]]}
    return expected


async def outcome(dag: dagger.Client, case: Case) -> Case:
    """Run every build of a case."""
    root = Path(tempfile.mkdtemp(prefix="case-"))
    nonce = str(uuid.uuid4())
    given = builds(case)
    made: list[Case] = [{} for _ in given]

    async def one(number: int) -> None:
        folder = root / f"context-{number}"
        folder.mkdir()
        made[number] = await build(dag, case, given[number], folder, nonce)

    try:
        if case.get("together"):
            async with anyio.create_task_group() as group:
                for number in range(len(given)):
                    group.start_soon(one, number)
        else:
            for number in range(len(given)):
                await one(number)
    except dagger.QueryError as error:
        return {"error": str(error)}
    finally:
        shutil.rmtree(root, ignore_errors=True)
    seen = {nonce: "nonce"}
    plain = [UUID.sub(lambda found: seen.setdefault(found[0], f"uuid-{len(seen)}"), one["output"]) for one in made]
    result: Case = {"output": plain} if case.get("probe") else {}
    result |= {"config": made[-1]["config"]} if case.get("config") else {}
    return result or {"built": True}


def builds(case: Case) -> list[Case]:
    """List the builds of a case, each with all that it is given."""
    kinds = ("files", "args", "secrets")
    listed = [{kind: case.get(kind, {}) for kind in kinds}]
    for change in case.get("then", []):
        listed.append({kind: {**listed[-1][kind], **change.get(kind, {})} for kind in kinds})
    return listed


async def build(dag: dagger.Client, case: Case, given: Case, folder: Path, nonce: str) -> Case:
    """Build once; return the probe's output and the image's configuration."""
    write(folder, case, given["files"])
    args = dict(given["args"])
    if re.search(r"^ARG NONCE\b", case["dockerfile"], re.MULTILINE):
        args["NONCE"] = nonce
    image = (
        dag.host()
        .directory(str(folder))
        .docker_build(
            build_args=[dagger.BuildArg(name, value) for name, value in args.items()],
            dockerfile=case.get("path", "Dockerfile"),
            target=case.get("target", ""),
            platform=dagger.Platform(case["platform"]) if "platform" in case else None,
            secrets=[dag.set_secret(name, value) for name, value in given["secrets"].items()],
        )
    )
    made: Case = {"output": "", "config": {}}
    if "probe" in case:
        shell = ["/bin/sh", "-c", case["probe"]]
        if case.get("outside"):
            image_files = dag.container().from_("alpine:3.22.2").with_mounted_directory("/image", image.rootfs())
            made["output"] = await image_files.with_exec(shell).stdout()
        else:
            made["output"] = await image.with_exec(shell).stdout()
    else:
        await image.sync()
    if "config" in case:
        made["config"] = await configuration(image, folder.with_suffix(".tar"), case["config"])
    return made


async def configuration(image: dagger.Container, archive: Path, keys: list[str]) -> Case:
    """Read the image's configuration as it is exported."""
    await image.export(str(archive))
    with tarfile.open(archive) as tar:
        manifest = json.loads(content(tar, "manifest.json"))
        whole = json.loads(content(tar, manifest[0]["Config"]))
    whole = {**whole, **(whole.get("config") or {})}
    return {key: value for key, value in whole.items() if key in keys and value}


def content(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def write(folder: Path, case: Case, files: Case) -> None:
    """Lay out the build context."""
    if not case.get("no_dockerfile"):
        text = re.sub(r"\{\{(.)\*(\d+)\}\}", lambda found: found[1] * int(found[2]), case["dockerfile"])
        files = {**files, case.get("path", "Dockerfile"): text}
    for name, said in files.items():
        one = said if isinstance(said, dict) else {"text": said}
        path = folder / name
        if one.get("gone"):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if "link" in one:
            path.symlink_to(one["link"])
            continue
        if one.get("dir"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(base64.b64decode(one["base64"]) if "base64" in one else one.get("text", "").encode())
        path.chmod(int(one.get("mode", "755" if one.get("dir") else "644"), 8))
