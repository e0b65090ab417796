"""Node.js: the package's own scripts `lint` and `test`, after `npm ci`."""

import json

import dagger
from dagger import dag

from pipeline.tools import Tools

from .outcome import Failed, Missing, Outcome, Passed
from .running import SRC, ended, program

# What `npm ci` reads: a change of anything else leaves what it installed as it is.
_MANIFESTS = ["package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"]


async def lint(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    """Run the package's `lint`."""
    return [await _script(tools, name, files, "lint")]


async def test(tools: Tools, name: str, files: dagger.Directory) -> list[Outcome]:
    """Run the package's `test`."""
    return [await _script(tools, name, files, "test")]


async def _script(tools: Tools, name: str, files: dagger.Directory, script: str) -> Outcome:
    what = f"{name}: npm run {script}"
    if why := lacks(await files.file("package.json").contents(), script):
        return Missing(what, why)
    node = await program(tools.node, what)
    if isinstance(node, Missing):
        return node
    for variable, value in {"CI": "true", "NO_COLOR": "1", "npm_config_update_notifier": "false"}.items():
        node = node.with_env_variable(variable, value)
    bare = (
        node.with_mounted_cache("/root/.npm", dag.cache_volume("npm"))
        .with_workdir(SRC)
        .with_directory(SRC, dag.directory().with_directory("", files, include=_MANIFESTS))
    )
    install = await ended(bare, ["npm", "ci", "--no-audit", "--no-fund"])
    if install.code:
        return Failed(f"{name}: npm ci", install.said)
    installed = install.container.with_directory(SRC, files, exclude=["node_modules"])
    done = await ended(installed, ["npm", "run", "--silent", script])
    return Failed(what, done.said) if done.code else Passed(what)


def lacks(package: str, script: str) -> str:
    """Say why a package.json cannot run a script; empty if it can."""
    try:
        scripts = json.loads(package).get("scripts", {})
    except (ValueError, AttributeError):
        return "package.json is no JSON object: correct it"
    if isinstance(scripts, dict) and isinstance(scripts.get(script), str):
        return ""
    return f"package.json has no script {script}: add it, or say in pipeline.yaml what it is checked with"
