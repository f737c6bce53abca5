"""Functions in Python that C calls: lines of streams, text writers, progress.

Each is called with a handle of an object here, which lives until C lets it go. No exception leaves one: it becomes the
call's error, or is raised when the call has ended.
"""

from __future__ import annotations

import json
import threading
from typing import Any, Callable, Iterable, Iterator, Optional, Tuple, TypeVar, Union

from tulving._native import ffi, lib
from tulving.errors import string_of
from tulving.values import Floats, Json, dump, floats, set_text

Line = Union[str, dict[str, Json], Tuple[Union[str, dict[str, Json]], Floats]]
TextWriter = Callable[[dict[str, Json]], str]
Progress = Callable[[int, int], Optional[bool]]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _for_c(error: Any = None) -> Callable[[_Function], _Function]:
    """The function is what C calls by its name; `error` is its answer if all else fails."""
    decorate: Callable[[_Function], _Function] = ffi.def_extern(error=error)
    return decorate


class _Held:
    """What C holds, by handle."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: set[Any] = set()

    def hold(self, value: object) -> Any:
        handle = ffi.new_handle(value)
        with self._lock:
            self._handles.add(handle)
        return handle

    def let_go(self, handle: Any) -> None:
        with self._lock:
            self._handles.discard(handle)


held = _Held()


@_for_c()
def tulving_python_destroy(context: Any) -> None:
    held.let_go(context)


@_for_c(error=6)
def tulving_python_write(context: Any, request: Any, reply: Any) -> int:
    kept: list[Any] = []
    text = ffi.new("tulving_text*")
    try:
        written = ffi.from_handle(context)(json.loads(string_of(request)))
        set_text(text, written, kept)
        lib.tulving_reply_text(reply, text[0])
        return int(lib.TULVING_OK)
    except BaseException as failure:  # What it says is the reply; nothing is raised into C.
        set_text(text, f"{type(failure).__name__}: {failure}", kept)
        lib.tulving_reply_error(reply, text[0])
        return int(lib.TULVING_IO)


@_for_c(error=6)
def tulving_python_embed(context: Any, purpose: int, texts: Any, count: int, vectors: Any, reply: Any) -> int:
    from tulving.embedders import fill

    try:
        given = [string_of(texts[position]) for position in range(count)]
        fill(ffi.from_handle(context), given, purpose == lib.TULVING_QUERY, vectors)
        return int(lib.TULVING_OK)
    except BaseException as failure:
        kept: list[Any] = []
        text = ffi.new("tulving_text*")
        set_text(text, f"{type(failure).__name__}: {failure}", kept)
        lib.tulving_reply_error(reply, text[0])
        return int(lib.TULVING_IO)


class Lines:
    """The two ends of a stream."""

    def __init__(self, lines: Iterable[Line], take: Callable[[Json], None]) -> None:
        self._lines: Iterator[Line] = iter(lines)
        self._take = take
        self._kept: list[Any] = []
        self.raised: Optional[BaseException] = None

    def next(self, out: Any) -> int:
        try:
            line = next(self._lines)
        except StopIteration:
            return 0
        self._kept = []
        text, vector = line if isinstance(line, tuple) else (line, None)
        set_text(out.text, dump(text), self._kept)
        if vector is not None:
            rows = floats(vector)
            self._kept.append(rows)
            out.vector, out.dim = rows.pointer, rows.dim
        return 1

    def put(self, line: Any) -> None:
        self._take(json.loads(string_of(line.text)))


@_for_c(error=-1)
def tulving_python_next(context: Any, line: Any) -> int:
    lines: Lines = ffi.from_handle(context)
    try:
        return lines.next(line)
    except BaseException as failure:
        lines.raised = failure
        return -1


@_for_c(error=1)
def tulving_python_put(context: Any, line: Any) -> int:
    lines: Lines = ffi.from_handle(context)
    try:
        lines.put(line)
        return 0
    except BaseException as failure:
        lines.raised = failure
        return 1


@_for_c(error=1)
def tulving_python_progress(context: Any, done: int, total: int) -> int:
    progress: Progress = ffi.from_handle(context)
    try:
        return 1 if progress(done, total) is False else 0
    except BaseException:
        return 1
