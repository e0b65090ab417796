"""Stand-ins do what the images that they stand in for do."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dagger_local.execution.users import find_user
from dagger_local.images import Image, ImageStore
from dagger_local.images.model import image_tree
from dagger_local.images.reach import Reach
from dagger_local.images.workshop import open_workshop
from dagger_local.progress import step

pytestmark = [pytest.mark.anyio, pytest.mark.engine]

Execute = Callable[[Image, str], Awaitable[None]]

_SERVES = (
    "mkdir -p /etc/nginx/templates && "
    "echo 'server { listen 8081; location / { return 200 \"$GREETING $uri\"; } }' "
    "> /etc/nginx/templates/greet.conf.template && "
    "export GREETING=hello && { /docker-entrypoint.sh nginx -g 'daemon off;' & } && "
    "fetch='curl --silent --fail --retry 50 --retry-connrefused --retry-delay 0' && "
    'test "$($fetch http://127.0.0.1:8081/x)" = "hello /x" && '
    "$fetch http://127.0.0.1:8080/ | grep -q nginx && test $(id -u) = 101"
)
_ADDS_USERS = (
    "addgroup -S app && adduser -S -G app web && adduser -D -u 1500 -h /srv/bob bob && addgroup bob app && "
    'test "$(id -Gn web)" = app && test "$(id -u bob) $(id -Gn bob)" = "1500 bob app" && '
    'test "$(stat -c %U /srv/bob)" = bob && ! adduser -D bob && ! adduser -G none eve && '
    "grep -q '^web.*/false$' /etc/passwd"
)
_COMMITS = (
    "git init --quiet /tmp/r && cd /tmp/r && git -c user.name=a -c user.email=a@b commit --allow-empty -qm x && "
    "git clone -q /tmp/r /tmp/s && echo a b | xargs -n 1 echo && timeout 5 true"
)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def failure(_: Reach, __: str) -> str:
        return "no such host"

    monkeypatch.setattr(Reach, "failure", failure)


@pytest.fixture
def execute(tmp_path: Path, store: ImageStore) -> Execute:
    """Runs a shell command in an image, as the user that it names, on a network that has nothing else."""

    async def run_in(image: Image, command: str) -> None:
        workshop = await open_workshop(store._mounter, tmp_path / "workshop", tmp_path / "runtime")
        tree = image_tree(image)
        user = find_user(tree, image.config["config"].get("User") or "")
        async with workshop.root(tree, tmp_path / "made" / "fs") as root:
            with step("try") as this:
                await root.execute(["/bin/sh", "-c", command], this, (), user)

    return run_in


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("alpine:3.20.2", 'test "$(cat /etc/alpine-release)" = 3.20.2 && grep -q "ID=alpine" /etc/os-release'),
        ("alpine:3.20.2", _ADDS_USERS),
        ("alpine/git:v2.49.1", _COMMITS),
        ("nginxinc/nginx-unprivileged:1.29", _SERVES),
    ],
)
async def test_a_stand_in_works(store: ImageStore, execute: Execute, image: str, command: str) -> None:
    await execute(await store.pull(image), command)


async def test_tools_are_where_their_images_have_them(store: ImageStore, execute: Execute) -> None:
    image = await store.pull("gcr.io/go-containerregistry/crane:v0.20.7")
    kustomize = await store.pull("registry.k8s.io/kustomize/kustomize:v5.8.1")

    assert all(os.access(kustomize.layers[-1] / name, os.X_OK) for name in ("app/kustomize",))
    assert os.access(image.layers[-1] / "ko-app/crane", os.X_OK)
    assert (image.config["config"]["Entrypoint"], image.config["config"]["User"]) == (["/ko-app/crane"], "65532")
