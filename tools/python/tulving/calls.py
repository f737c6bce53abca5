"""Operations by their names: what a store and a tenant share."""

from __future__ import annotations

import json
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Optional

from tulving._native import ffi, lib
from tulving.callbacks import Line, Lines, Progress
from tulving.errors import check, string_of
from tulving.values import Floats, Json, dump, floats, text_of


class Streamed(NamedTuple):
    """What came out of a stream: its summary, and its lines where nobody else took them."""

    summary: Json
    lines: list[Json]


def take_doc(doc: Any) -> Json:
    """The answer's JSON, whose handle is freed."""
    try:
        text = string_of(lib.tulving_doc_json(doc[0]))
    finally:
        lib.tulving_doc_free(doc[0])
    return json.loads(text) if text else None


def _remarks(doc: Any) -> list[str]:
    return [
        string_of(lib.tulving_doc_remark(doc[0], position)) for position in range(lib.tulving_doc_remarks(doc[0]))
    ]


def _vectors(given: Mapping[str, Floats], options: Any) -> list[Any]:
    """Sets the vectors of a tulving_call_options; answers what must live meanwhile."""
    kept: list[Any] = []
    vectors = ffi.new("tulving_named_vector[]", len(given))
    for vector, (name, values) in zip(vectors, given.items()):
        rows, parameter = floats(values), ffi.new("char[]", name.encode())
        vector.parameter, vector.values, vector.dim = parameter, rows.pointer, rows.dim
        kept += [rows, parameter]
    options.vectors, options.vectors_count = vectors, len(given)
    return [vectors, *kept]


class Calls:
    """What a handle's operations are called by."""

    _handle: Any
    _call: Any
    _stream: Any

    def call(
        self,
        operation: str,
        arguments: Json = None,
        *,
        vectors: Optional[Mapping[str, Floats]] = None,
        progress: Optional[Progress] = None,
        remarks: Optional[list[str]] = None,
    ) -> Json:
        """Runs an operation by its name; operations() lists them.

        `arguments` is a dict, or JSON. `vectors` stand in place of members of it. `progress(done, total)` is called now
        and then by what takes long, and stops it by answering False. Sentences for a person go into `remarks`.
        """
        request = text_of(dump({} if arguments is None else arguments))
        options = ffi.new("tulving_call_options*", {"struct_size": ffi.sizeof("tulving_call_options")})
        kept = _vectors(vectors or {}, options)
        if progress is not None:
            kept.append(ffi.new_handle(progress))
            options.progress, options.context = lib.tulving_python_progress, kept[-1]
        answer, error = ffi.new("tulving_doc**"), ffi.new("tulving_error**")
        check(self._call(self._handle, operation.encode(), request.value, options, answer, error), error)
        if remarks is not None:
            remarks += _remarks(answer)
        return take_doc(answer)

    def stream(
        self,
        operation: str,
        arguments: Json = None,
        lines: Iterable[Line] = (),
        take: Optional[Callable[[Json], None]] = None,
    ) -> Streamed:
        """Runs an operation that is a stream: "import", "export", "search.batch".

        `lines` go in: dicts or JSON, each alone or as a tuple with its vector. `take` is called with each line out;
        without it they are gathered.
        """
        gathered: list[Json] = []
        ends = Lines(lines, gathered.append if take is None else take)
        context = ffi.new_handle(ends)
        callbacks = ffi.new(
            "tulving_lines*",
            {
                "struct_size": ffi.sizeof("tulving_lines"),
                "next": lib.tulving_python_next,
                "put": lib.tulving_python_put,
                "context": context,
            },
        )
        request = text_of(dump({} if arguments is None else arguments))
        answer, error = ffi.new("tulving_doc**"), ffi.new("tulving_error**")
        status = self._stream(self._handle, operation.encode(), request.value, callbacks, answer, error)
        summary = take_doc(answer)
        if ends.raised is not None:
            lib.tulving_error_free(error[0])
            raise ends.raised
        check(status, error)
        return Streamed(summary, gathered)
