"""The only way to a tenant's data."""

from __future__ import annotations

import weakref
from array import array
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Iterable, Optional, Sequence, Union

from tulving._native import ffi, lib
from tulving.calls import Calls, take_doc
from tulving.errors import InvalidArgument, check
from tulving.hits import Hits
from tulving.values import Floats, Json, Matrix, dump, floats, matrix, passages_of, set_text, text_of

if TYPE_CHECKING:
    from tulving.store import Store

MODES = {
    "auto": lib.TULVING_AUTO,
    "hybrid": lib.TULVING_HYBRID,
    "vector": lib.TULVING_VECTOR,
    "text": lib.TULVING_WORDS,
    "recent": lib.TULVING_RECENT,
}
ON_DUPLICATE = {"default": 0, "reinforce": lib.TULVING_REINFORCE, "reject": lib.TULVING_REJECT, "keep": lib.TULVING_KEEP}
_SEARCH_FLAGS = {
    "exact": lib.TULVING_EXACT,
    "include_archived": lib.TULVING_INCLUDE_ARCHIVED,
    "include_deleted": lib.TULVING_INCLUDE_DELETED,
    "include_expired": lib.TULVING_INCLUDE_EXPIRED,
    "explain": lib.TULVING_EXPLAIN,
    "touch": lib.TULVING_TOUCH,
}

_SEARCH_ARGS_SIZE = ffi.sizeof("tulving_search_args")

Record = Union[str, dict[str, Json]]  # A memory as JSON, or as a text alone.


def _record(given: Record) -> dict[str, Json]:
    return {"text": given} if isinstance(given, str) else given


def _add_flags(allow_erased: bool, make_session: bool) -> int:
    flags: int = lib.TULVING_ALLOW_ERASED if allow_erased else 0
    if make_session:
        flags |= lib.TULVING_MAKE_SESSION
    return flags


def _one_of(names: dict[str, int], name: str, field: str) -> int:
    if name not in names:
        raise InvalidArgument(f"{field} is {name!r}; must be one of {', '.join(names)}", field)
    return names[name]


class Tenant(Calls):
    """A tenant of a store: every call sees, counts and changes its memories and no other's.

    May be used by several threads at once; calls hold no lock of Python's while the store works.
    """

    def __init__(self, store: "Store", tenant_id: str) -> None:
        out, error = ffi.new("tulving_tenant**"), ffi.new("tulving_error**")
        name = text_of(tenant_id)
        check(lib.tulving_store_tenant(store._handle, name.value, out, error), error)
        self.id = tenant_id
        self._store = store  # Which stays open as long as somebody has a tenant of it.
        self._handle = out[0]
        self._call = lib.tulving_tenant_call
        self._stream = lib.tulving_tenant_stream
        self._free = weakref.finalize(self, lib.tulving_tenant_free, out[0])

    # Memories.

    def add(
        self,
        record: Record,
        *,
        vector: Optional[Floats] = None,
        passages: Optional[Matrix] = None,
        model: Optional[str] = None,
        on_duplicate: str = "default",
        idempotency_key: Optional[str] = None,
        allow_erased: bool = False,
        make_session: bool = False,
    ) -> dict[str, Json]:
        """Adds a memory: a text, or a dict of its fields. Answers {"id", "effect", "revision"}.

        `passages`, in place of `vector`, has a row for each part of the memory, up to 64: the one nearest to a query
        counts. `make_session` puts the session that it names where there is none.
        """
        if passages is not None:
            given: dict[str, Json] = {"memory": _record(record), "model": model, "on_duplicate": on_duplicate}
            given.update(idempotency_key=idempotency_key, allow_erased=allow_erased, make_session=make_session)
            arguments = {name: value for name, value in given.items() if value is not None}
            return self._with_passages("memory.add", arguments, vector, passages)
        rows = None if vector is None else floats(vector)
        flags = _add_flags(allow_erased, make_session)
        answer: dict[str, Json] = self._add(
            lib.tulving_add, dump(_record(record)), rows, model, on_duplicate, idempotency_key, flags
        )
        return answer

    def add_many(
        self,
        records: Iterable[Record],
        *,
        vectors: Optional[Matrix] = None,
        model: Optional[str] = None,
        on_duplicate: str = "default",
        idempotency_key: Optional[str] = None,
        allow_erased: bool = False,
        make_session: bool = False,
    ) -> list[dict[str, Json]]:
        """Adds all or none, in one write; `vectors` has a row for each."""
        text = dump([_record(record) for record in records])
        rows = None if vectors is None else matrix(vectors)
        flags = _add_flags(allow_erased, make_session)
        answer: list[dict[str, Json]] = self._add(
            lib.tulving_add_many, text, rows, model, on_duplicate, idempotency_key, flags
        )
        return answer

    def _with_passages(
        self, operation: str, arguments: dict[str, Json], vector: Optional[Floats], passages: Matrix
    ) -> dict[str, Json]:
        if vector is not None:
            raise InvalidArgument("vector and passages are both given; a memory has one of them", "passages")
        flat, count = passages_of(passages)
        answer: dict[str, Json] = self.call(operation, {**arguments, "passages": count}, vectors={"vector": flat})
        return answer

    def _add(
        self, function: Any, records: str, rows: Any, model: Any, on_duplicate: str, key: Any, flags: int
    ) -> Json:
        kept: list[Any] = [rows]
        args = ffi.new("tulving_add_args*", {"struct_size": ffi.sizeof("tulving_add_args")})
        set_text(args.records, records, kept)
        set_text(args.model, model, kept)
        set_text(args.idempotency_key, key, kept)
        if rows is not None:
            args.vectors, args.rows, args.dim, args.stride_bytes = rows[:4]
        args.on_duplicate = _one_of(ON_DUPLICATE, on_duplicate, "on_duplicate")
        args.flags = flags
        answer, error = ffi.new("tulving_doc**"), ffi.new("tulving_error**")
        check(function(self._handle, args, answer, error), error)
        return take_doc(answer)

    def get(self, memory_id: str, *, with_embeddings: bool = False) -> dict[str, Json]:
        """A memory by its id or external id. NotFound: there is none."""
        name = text_of(memory_id)
        flags = lib.TULVING_WITH_EMBEDDINGS if with_embeddings else 0
        record, error = ffi.new("tulving_doc**"), ffi.new("tulving_error**")
        check(lib.tulving_get(self._handle, name.value, flags, record, error), error)
        found: dict[str, Json] = take_doc(record)
        return found

    def vector(self, memory_id: str, model: str = "") -> "array[float]":
        """A memory's embedding. NotFound: it has none of that model."""
        name, named = text_of(memory_id), text_of(model)
        room = array("f", bytes(4 * 4096))
        dim, error = ffi.new("size_t*"), ffi.new("tulving_error**")
        buffer = ffi.from_buffer("float[]", room)
        check(lib.tulving_get_vector(self._handle, name.value, named.value, buffer, 4096, dim, error), error)
        return room[: dim[0]]

    def update(self, memory_id: str, patch: Optional[dict[str, Json]] = None, **options: Json) -> dict[str, Json]:
        """Changes fields; the version before stays in its history. `options`: revision, keep_vectors, model, and vector or
        passages, as for add()."""
        vector, passages = options.pop("vector", None), options.pop("passages", None)
        arguments: dict[str, Json] = {"id": memory_id, **options}
        if patch is not None:
            arguments["patch"] = patch
        if passages is not None:
            return self._with_passages("memory.update", arguments, vector, passages)
        vectors = None if vector is None else {"vector": vector}
        answer: dict[str, Json] = self.call("memory.update", arguments, vectors=vectors)
        return answer

    def memories(self, filter: Json = None, **options: Json) -> dict[str, Json]:
        """A page of memories by filter alone; `options` as memory.list takes them: sort, order, limit, cursor."""
        arguments = dict(options) if filter is None else {"filter": filter, **options}
        answer: dict[str, Json] = self.call("memory.list", arguments)
        return answer

    def history(self, memory_id: str) -> Json:
        """Its versions, oldest first, the present one last."""
        return self.call("memory.history", {"id": memory_id})["history"]

    def distinct_values(self, field: str, filter: Json = None, **options: Json) -> dict[str, Json]:
        """The values of a field ("user_id", "tags", "metadata.a.b"), each with how many memories have it: {"values":
        [{"value", "count"}], "distinct", "matching"}. `options` as memory.values takes them: order ("value" or "count"),
        limit, offset, include_archived, include_deleted, include_expired."""
        arguments = {"field": field, **options} if filter is None else {"field": field, "filter": filter, **options}
        answer: dict[str, Json] = self.call("memory.values", arguments)
        return answer

    def touch(self, *memory_ids: str, expires_after: Union[float, timedelta, None] = None) -> None:
        """Reinforces memories, in one write. `expires_after`, seconds or a timedelta: each that has an `expires_at` lives
        that long from now, at least; what never expires, and what has expired, stays so."""
        arguments: dict[str, Json] = {"ids": memory_ids}
        if expires_after is not None:
            given = expires_after.total_seconds() if isinstance(expires_after, timedelta) else expires_after
            arguments["expires_after"] = given
        self.call("memory.touch", arguments)

    def forget(self, *memory_ids: str) -> None:
        """Hides memories, kept in the log."""
        self.call("memory.forget", {"ids": memory_ids})

    def erase(self, *memory_ids: str) -> None:
        """Removes memories for good."""
        self.call("memory.erase", {"ids": memory_ids})

    # Search.

    def search(
        self,
        text: Optional[str] = None,
        *,
        vector: Optional[Floats] = None,
        k: int = 10,
        filter: Json = None,
        mode: str = "auto",
        model: Optional[str] = None,
        ef_search: int = 0,
        deadline_ms: float = 0,
        **options: Json,
    ) -> Hits:
        """The best `k` memories, by text, vector, both, or recency.

        `options`: exact, include_archived, include_deleted, include_expired, explain, touch, and whatever else the
        operation "search" takes (fusion, mmr_lambda, recency_weight, now, ...).
        """
        kept: list[Any] = []
        args = self._search_args(kept, text, k, filter, mode, model, ef_search, deadline_ms, options)
        if vector is not None:
            rows = floats(vector)
            kept.append(rows)
            args.vector, args.dim = rows.pointer, rows.dim
        hits, error = ffi.new("tulving_hits**"), ffi.new("tulving_error**")
        check(lib.tulving_search(self._handle, args, hits, error), error)
        return Hits(hits[0])

    def search_many(
        self,
        vectors: Matrix,
        *,
        text: Optional[str] = None,
        k: int = 10,
        filter: Json = None,
        mode: str = "auto",
        model: Optional[str] = None,
        ef_search: int = 0,
        deadline_ms: float = 0,
        **options: Json,
    ) -> Sequence[Hits]:
        """A search for each row, in one call."""
        kept: list[Any] = []
        args = self._search_args(kept, text, k, filter, mode, model, ef_search, deadline_ms, options)
        rows = matrix(vectors)
        hits, error = ffi.new("tulving_hits*[]", rows.rows), ffi.new("tulving_error**")
        check(lib.tulving_search_many(self._handle, args, *rows[:4], hits, error), error)
        return [Hits(one) for one in hits]

    def _search_args(
        self,
        kept: list[Any],
        text: Any,
        k: int,
        filter: Json,
        mode: str,
        model: Any,
        ef_search: int,
        deadline_ms: float,
        options: dict[str, Json],
    ) -> Any:
        if not 1 <= k <= 10_000:
            raise InvalidArgument(f"k is {k}; must be 1..10000", "k")
        args = ffi.new("tulving_search_args*")
        args.struct_size = _SEARCH_ARGS_SIZE
        set_text(args.text, text, kept)
        set_text(args.model, model, kept)
        set_text(args.filter, None if filter is None else dump(filter), kept)
        args.mode, args.k, args.ef_search = _one_of(MODES, mode, "mode"), k, ef_search
        if deadline_ms:
            args.deadline_us = round(deadline_ms * 1000)
        if options:
            for name, flag in _SEARCH_FLAGS.items():
                args.flags |= flag if options.pop(name, False) else 0
        if options:
            set_text(args.more, dump(options), kept)
        return args
