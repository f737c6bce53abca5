"""A store, in a directory or in memory alone."""

from __future__ import annotations

import os
import weakref
from types import TracebackType
from typing import Any, Optional, Type, Union

from tulving._native import ffi, lib
from tulving.calls import Calls, take_doc
from tulving.callbacks import TextWriter, held
from tulving.embedders import Given, set_embedders
from tulving.errors import InvalidArgument, check
from tulving.tenant import Tenant
from tulving.values import Json, set_text

_DURABILITY = {"durable": lib.TULVING_DURABLE, "process": lib.TULVING_PROCESS, "none": lib.TULVING_NONE}
_DECAY_MODEL = {
    "power_law": lib.TULVING_POWER_LAW,
    "exponential": lib.TULVING_EXPONENTIAL,
    "two_component": lib.TULVING_TWO_COMPONENT,
}
_EMBED = {
    "background": lib.TULVING_EMBED_BACKGROUND,
    "wait": lib.TULVING_EMBED_WAIT,
    "off": lib.TULVING_EMBED_OFF,
}
_WORDS = {"durability": _DURABILITY, "decay_model": _DECAY_MODEL, "embed": _EMBED}
# Of these 0 is a value, which C calls otherwise.
_ZERO = 2**32 - 1
_WITH_ZERO = ("exact_rows_max", "residual_bits")
_NUMBERS = (
    "sync_interval_ms",
    "embedding_dim",
    "text_bytes_max",
    "memories_max",
    "memory_max",
    "graph_m",
    "ef_construction",
    "ef_search",
    "build_threads",
)


def _take_option(options: Any, name: str, value: Any, kept: list[Any]) -> None:
    if name in _WORDS:
        if value not in _WORDS[name]:
            raise InvalidArgument(f"{name} is {value!r}; must be one of {', '.join(_WORDS[name])}", name)
        setattr(options, name, _WORDS[name][value])
    elif name in _WITH_ZERO:
        setattr(options, name, _ZERO if value == 0 else value)
    elif name in _NUMBERS:
        setattr(options, name, value)
    elif name == "default_model":
        set_text(options.default_model, value, kept)
    else:
        raise TypeError(f"there is no option {name!r}")


def _options(
    create: bool, read_only: bool, background_indexing: bool, more: dict[str, Any], kept: list[Any]
) -> Any:
    options = ffi.new("tulving_store_options*", {"struct_size": ffi.sizeof("tulving_store_options")})
    options.flags = (
        (0 if create else lib.TULVING_MUST_EXIST)
        | (lib.TULVING_READ_ONLY if read_only else 0)
        | (0 if background_indexing else lib.TULVING_NO_BACKGROUND_INDEXING)
    )
    for name, value in more.items():
        _take_option(options, name, value, kept)
    return options


def _set_writer(options: Any, writer: TextWriter, timeout_ms: int, kept: list[Any]) -> None:
    out = ffi.new("tulving_text_writer*", {"struct_size": ffi.sizeof("tulving_text_writer")})
    out.write, out.destroy = lib.tulving_python_write, lib.tulving_python_destroy
    out.context, out.timeout_ms = held.hold(writer), timeout_ms
    options.writer = out
    kept.append(out)


class Store(Calls):
    """A durable collection of memories, held in RAM.

    with tulving.Store("memories") as store:
        tenant = store.tenant("acme")
        tenant.add("Ana drinks green tea in the morning.")
        print(tenant.search("What does Ana drink?")[0].text)

    `directory` None is a store in memory alone. `options` are those of tulving/options.h: durability ("durable",
    "process", "none"), sync_interval_ms, embedding_dim, default_model, text_bytes_max, memories_max, memory_max, graph_m,
    ef_construction, ef_search, exact_rows_max, build_threads, residual_bits, decay_model.
    `embedder` makes vectors of texts: a name ("use-lite"; "auto", which is that where its model is installed; "URL#MODEL" of
    a server with OpenAI's interface), an Embedder or several, or None. `embed` says when a memory gets its vector:
    "background", "wait" (before it is written) or "off".
    `writer` writes the texts of consolidation: it is called with a dict, on a thread of its own, and returns a text.

    A process that is forked off cannot use what its parent has opened, nor open anything: with multiprocessing, use the
    start method "spawn".
    """

    def __init__(
        self,
        directory: Union[str, "os.PathLike[str]", None] = None,
        *,
        create: bool = True,
        read_only: bool = False,
        background_indexing: bool = True,
        embedder: Given = "auto",
        writer: Optional[TextWriter] = None,
        writer_timeout_ms: int = 30_000,
        **options: Any,
    ) -> None:
        kept: list[Any] = []
        given = _options(create, read_only, background_indexing, options, kept)
        if writer is not None:
            _set_writer(given, writer, writer_timeout_ms, kept)
        set_embedders(given, embedder, kept)
        path = ffi.NULL if directory is None else os.fsencode(directory)
        out, error = ffi.new("tulving_store**"), ffi.new("tulving_error**")
        check(lib.tulving_store_open(path, given, out, error), error)
        self._handle = out[0]
        self._call = lib.tulving_store_call
        self._stream = lib.tulving_store_stream
        self._free = weakref.finalize(self, lib.tulving_store_free, out[0])

    def tenant(self, tenant_id: str) -> Tenant:
        """The handle of a tenant, which comes into being with its first write."""
        return Tenant(self, tenant_id)

    def tenants(self) -> list[str]:
        """The tenants that have been written to."""
        return [tenant["tenant_id"] for tenant in self.call("tenants")["tenants"]]

    def drop_tenant(self, tenant_id: str, *, purge: bool = False) -> int:
        """Removes a tenant for good, with all that it has, in one write; its id is free for a new one. How many memories it
        had. With `purge` no byte of it stays in the log's files. NotFound: it was never written to."""
        answer = self.call("tenant.drop", {"tenant_id": tenant_id, "purge": purge})
        return int(answer["memories"])

    def stats(self) -> Json:
        return self.call("store.stats")

    def wait_for_indexing(self) -> None:
        error = ffi.new("tulving_error**")
        check(lib.tulving_store_wait_for_indexing(self._handle, error), error)

    def wait_for_embedding(self) -> None:
        """Waits until every memory that can have a vector of an embedder has one."""
        error = ffi.new("tulving_error**")
        check(lib.tulving_store_wait_for_embedding(self._handle, error), error)

    def make_durable(self) -> None:
        """Fsyncs the log."""
        error = ffi.new("tulving_error**")
        check(lib.tulving_store_make_durable(self._handle, error), error)

    def close(self) -> None:
        """Stops background work, checkpoints and fsyncs. Later calls raise InvalidArgument; a second close does nothing."""
        if not self._free.alive:
            return
        error = ffi.new("tulving_error**")
        try:
            check(lib.tulving_store_close(self._handle, error), error)
        finally:
            self._free()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], value: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        self.close()


def restore(snapshot: Union[str, "os.PathLike[str]"], directory: Union[str, "os.PathLike[str]"]) -> dict[str, Json]:
    """Makes a new store from a full snapshot; tells which."""
    info, error = ffi.new("tulving_doc**"), ffi.new("tulving_error**")
    check(lib.tulving_restore(os.fsencode(snapshot), os.fsencode(directory), info, error), error)
    found: dict[str, Json] = take_doc(info)
    return found


def operations() -> dict[str, Json]:
    """All operations as one JSON Schema."""
    schema, error = ffi.new("tulving_doc**"), ffi.new("tulving_error**")
    check(lib.tulving_operations_schema(schema, error), error)
    found: dict[str, Json] = take_doc(schema)
    return found
