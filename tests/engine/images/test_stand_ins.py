"""Stand-ins do what the images that they stand in for do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dagger_local.images import ImageStore
from dagger_local.images.reach import Reach

pytestmark = [pytest.mark.anyio, pytest.mark.engine]

_SERVES = (
    "mkdir -p /etc/nginx/templates && "
    "echo 'server { listen 8081; location / { return 200 \"$GREETING $uri\"; } }' "
    "> /etc/nginx/templates/greet.conf.template && "
    "export GREETING=hello && { /docker-entrypoint.sh nginx -g 'daemon off;' & } && "
    "fetch='curl --silent --fail --retry 50 --retry-connrefused --retry-delay 0' && "
    'test "$($fetch http://127.0.0.1:8081/x)" = "hello /x" && '
    "$fetch http://127.0.0.1:8080/ | grep -q nginx && test $(id -u) = 101"
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


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("alpine:3.20.2", 'test "$(cat /etc/alpine-release)" = 3.20.2 && grep -q "ID=alpine" /etc/os-release'),
        ("alpine/git:v2.49.1", _COMMITS),
        ("nginxinc/nginx-unprivileged:1.29", _SERVES),
    ],
)
async def test_a_stand_in_works(store: ImageStore, context: Callable[[str], Path], image: str, command: str) -> None:
    await store.build(context(f"FROM {image}\nRUN {command}\n"))


async def test_tools_are_where_their_images_have_them(store: ImageStore, context: Callable[[str], Path]) -> None:
    crane, kustomize = "gcr.io/go-containerregistry/crane:v0.20.7", "registry.k8s.io/kustomize/kustomize:v5.8.1"
    await store.build(
        context(
            "FROM alpine/git:v2.49.1\n"
            f"COPY --from={crane} /ko-app/crane /usr/local/bin/\n"
            f"COPY --from={kustomize} /app/kustomize /usr/local/bin/\n"
            "RUN crane validate --help && kustomize version\n"
        )
    )
    image = await store.pull(crane)
    assert (image.config["config"]["Entrypoint"], image.config["config"]["User"]) == (["/ko-app/crane"], "65532")
