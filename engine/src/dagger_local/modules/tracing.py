"""Let a module say what it does by OpenTelemetry's spans, as with Dagger's engine. For `worker.py`, run like it.

The SDK sends the id of the current span along with each request. Here a span is nothing but that id, and two lines
for the engine: one when it begins, one when it ends.
"""

import contextlib
import importlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

_NAME_LENGTH = 500  # with which a line is shorter than what a pipe takes in one piece

_OF_SDK = "dagger.io/"  # what it does itself is nobody's step

Tell = Callable[[dict[str, Any]], None]


def trace_to(tell: Tell) -> None:
    """Give the module's spans to `tell`, as soon as they begin and when they end."""
    trace = importlib.import_module("opentelemetry.trace")
    trace.set_tracer_provider(_provider(trace, tell))


def _provider(trace: Any, tell: Tell) -> Any:
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)

    class Span(trace.NonRecordingSpan):  # type: ignore[misc]
        state = "done"

        def is_recording(self) -> bool:
            return True  # else nobody tells how it ends

        def set_status(self, status: Any, _description: str | None = None) -> None:
            code = getattr(status, "status_code", status)
            self.state = "failed" if code is trace.StatusCode.ERROR else "done"

        def end(self, _end_time: int | None = None) -> None:
            tell({"span": trace.format_span_id(self.get_span_context().span_id), "state": self.state})

    class Tracer(trace.Tracer):  # type: ignore[misc]
        def start_span(self, name: str, context: Any = None, *_args: Any, **_options: Any) -> Any:
            above = trace.get_current_span(context).get_span_context()
            trace_id = above.trace_id or secrets.randbits(128)
            this = Span(trace.SpanContext(trace_id, secrets.randbits(64) or 1, is_remote=False, trace_flags=flags))
            identity = trace.format_span_id(this.get_span_context().span_id)
            tell({"span": identity, "parent": trace.format_span_id(above.span_id), "title": name[:_NAME_LENGTH]})
            return this

        @contextlib.contextmanager
        def start_as_current_span(
            self, name: str, context: Any = None, *_args: Any, end_on_exit: bool = True, **_options: Any
        ) -> Iterator[Any]:
            this = self.start_span(name, context)
            try:
                with trace.use_span(this, end_on_exit=False):
                    yield this
            except Exception:
                this.state = "failed"
                raise
            except BaseException:
                this.state = "cancelled"
                raise
            finally:
                if end_on_exit:
                    this.end()

    class Provider(trace.TracerProvider):  # type: ignore[misc]
        def get_tracer(self, name: str, *_args: Any, **_options: Any) -> Any:
            return trace.NoOpTracer() if name.startswith(_OF_SDK) else Tracer()

    return Provider()
