"""A module's process. Run by the module's own interpreter: `python worker.py ENTRY_POINT BINDINGS`.

It imports the module once and forks for every call, so that a call costs no imports and leaves nothing behind.
Orders come on stdin, a JSON object a line: {"call": NAME, "port": …, "token": …, "cwd": FOLDER}, and either
"register": FILE, for the id of the module's description, or "about": CALL, for a function to be called. An
{"interrupt": NAME} lets a call end as Ctrl-C would.
Answers go to the file descriptor that was stdout: {"call": NAME, "status": EXIT_STATUS}, or {"failed": TEXT}.
Before, a call says what it does: {"call": NAME, "span": ID, "parent": ID, "title": TEXT}, later its "state".
"""

import gc
import importlib
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

Run = Callable[[Any, bool], int | None]
"""The SDK's entry point: a module, and whether to describe its types instead of answering a call."""


def main(entry_point: str, bindings: str) -> int:
    """Serve orders until stdin ends."""
    gc.disable()  # until all is imported: there is nothing to collect
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the module prints is no answer
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to answer: it ends this process
    signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        lean = _beside("lean")
        run, module = _load(lean, entry_point, bindings)
        telling = _Telling(answers.fileno())
        if lean.is_known():
            _beside("tracing").trace_to(telling)
    except BaseException as error:  # noqa: BLE001 - whatever the module's import raises has to be told
        print(json.dumps({"failed": _reason(error)}), file=answers)
        return 1
    print(json.dumps({"loaded": True}), file=answers)
    gc.freeze()
    gc.enable()
    calls: dict[int, str] = {}
    orders = os.fdopen(0, "rb", buffering=0, closefd=False)
    pending = b""
    shared = False
    with selectors.DefaultSelector() as ready:
        ready.register(orders, selectors.EVENT_READ)
        ready.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is orders:
                    chunk = orders.read(1 << 16)
                    if not chunk:
                        return 0
                    *lines, pending = (pending + chunk).split(b"\n")
                    for line in lines:
                        order = json.loads(line)
                        if "interrupt" in order:
                            _interrupt(calls, order["interrupt"])
                            continue
                        if not shared and "about" in order:
                            lean.share_schema(order["port"], order["token"])
                            shared = True
                        telling.call = order["call"]
                        calls[_start(order, lean, run, module)] = order["call"]
                else:
                    os.read(woken, 4096)
            _reap(calls, answers)


def _load(lean: Any, entry_point: str, bindings: str) -> tuple[Run, object]:
    sdk = lean.import_sdk()
    if bindings:
        _beside("bound").bind(bindings)
    if not entry_point:
        return sdk.app, sdk.load_module()
    package, _, name = entry_point.partition(":")
    return sdk.app, getattr(importlib.import_module(package), name).__dagger_module__


def _beside(name: str) -> Any:
    """Import a file beside this one. Its folder is on no path: the names in there are those of other modules."""
    loader = SourceFileLoader(f"_dagger_local_{name}", str(Path(__file__).with_name(f"{name}.py")))
    module = ModuleType(loader.name)
    loader.exec_module(module)
    return module


class _Telling:
    """Tells the engine about spans of a call; each process that is forked off has its own `call`."""

    def __init__(self, answers: int) -> None:
        self.call = ""
        self._answers = answers

    def __call__(self, about: dict[str, Any]) -> None:
        os.write(self._answers, json.dumps({"call": self.call, **about}).encode() + b"\n")


def _start(order: dict[str, Any], lean: Any, run: Run, module: object) -> int:
    """Fork a process for a call and return its id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(order["cwd"])
        os.environ["DAGGER_SESSION_PORT"] = str(order["port"])
        os.environ["DAGGER_SESSION_TOKEN"] = order["token"]
        register = order.get("register")
        if register:
            # The SDK read the file's name from its environment when it was imported, before it was known.
            vars(importlib.import_module("dagger.mod._module"))["TYPE_DEF_FILE"] = register
        if about := order.get("about"):
            lean.tell(about)
        status = run(module, bool(register)) or 0
    except KeyboardInterrupt:
        status = 130
    except BaseException:  # noqa: BLE001 - the call's process ends here, whatever it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _interrupt(calls: dict[int, str], name: str) -> None:
    for pid, known in calls.items():  # none is reaped yet, so that its id is no other's
        if known == name:
            os.kill(pid, signal.SIGINT)


def _reap(calls: dict[int, str], answers: TextIO) -> None:
    while calls:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        name = calls.pop(pid, None)
        if name is not None:
            print(json.dumps({"call": name, "status": os.waitstatus_to_exitcode(status)}), file=answers)


def _reason(error: BaseException) -> str:
    """Say in one line what went wrong, and where in the module's own code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if not frame.filename.startswith((sys.prefix, "<frozen", sys.base_prefix))]
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {error.msg}"
    where = f"{own[-1].filename}:{own[-1].lineno}: " if own else ""
    return f"{where}{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
