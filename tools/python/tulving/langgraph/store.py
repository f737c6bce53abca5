"""LangGraph's long-term memory in a tenant of Tulving."""

from __future__ import annotations

import asyncio
import inspect
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Iterable, Iterator, Optional, Sequence

from tulving.errors import Conflict, NotFound
from tulving.langgraph import matching
from tulving.langgraph.base import BaseStore, GetOp, Item, ListNamespacesOp, Namespace, Op, PutOp, SearchItem, SearchOp
from tulving.tenant import Tenant

_TYPE = "langgraph"
_INDEXED = "indexed"
_PAGE = 1000
_MOST = 10_000
_PASSAGES_MOST = 64
_NAMESPACE_PATH = "content.path"  # A namespace as one scalar, which distinct values can be of.

Record = dict[str, Any]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _is_there(record: Record, now: datetime) -> bool:
    expires = record.get("expires_at")
    return record.get("status", "active") in ("active", "promoted") and (not expires or _time(expires) > now)


def _value_of(record: Record) -> dict[str, Any]:
    value: dict[str, Any] = record.get("metadata") or {}
    return value


def _content_of(record: Record) -> dict[str, Any]:
    content: dict[str, Any] = record["content"]
    return content


def _namespace_of(record: Record) -> Namespace:
    return tuple(_content_of(record)["namespace"])


def _search_item(record: Record, score: Optional[float] = None) -> SearchItem:
    return SearchItem(
        namespace=_namespace_of(record),
        key=_content_of(record)["key"],
        value=_value_of(record),
        created_at=_time(record["created_at"]),
        updated_at=_time(record["updated_at"]),
        score=score,
    )


class TulvingStore(BaseStore):  # type: ignore[misc]
    """A LangGraph store whose namespaces lie within one tenant: search(()) is all of the tenant's, and no other's.

    store = TulvingStore(tulving.Store("memories").tenant("acme"))
    store.put(("users", "ana"), "tea", {"text": "Ana drinks green tea."})
    store.search(("users",), query="What does Ana drink?")

    `index` is LangGraph's: {"embed": a function of texts or an object with embed_documents() and embed_query(), "fields":
    paths, "dims"}. Without "embed", items are found by words. `ttl` too: {"default_ttl": minutes, "refresh_on_read"}.
    An item's value is a memory's metadata, so that it can be filtered; what is indexed of it is the memory's text.
    """

    supports_ttl = True

    def __init__(
        self, tenant: Tenant, *, index: Optional[dict[str, Any]] = None, ttl: Optional[dict[str, Any]] = None
    ) -> None:
        self.tenant = tenant
        self.index_config = index
        self.ttl_config = ttl
        self._fields: Sequence[str] = (index or {}).get("fields") or ["$"]
        self._embed: Any = (index or {}).get("embed")

    # The two that all others are made of.

    def batch(self, ops: Iterable[Op]) -> list[Any]:
        """Runs operations: reads see what was there before, and of several puts of a key the last one counts."""
        given = list(ops)
        found: list[Record] = []  # Whose lives the reads extend, all together.
        results = [self._read(op, found) for op in given]
        self._refresh_records(found)
        last = {(op.namespace, op.key): op for op in given if isinstance(op, PutOp)}
        for put in last.values():
            self._write(put)
        return results

    async def abatch(self, ops: Iterable[Op]) -> list[Any]:
        return await asyncio.get_running_loop().run_in_executor(None, self.batch, list(ops))

    def _read(self, op: Op, found: list[Record]) -> Any:
        if isinstance(op, GetOp):
            return self._get(op, found)
        if isinstance(op, SearchOp):
            return self._search(op, found)
        if isinstance(op, ListNamespacesOp):
            return self._list_namespaces(op)
        if isinstance(op, PutOp):
            return None
        raise ValueError(f"there is no operation {type(op).__name__}")

    # Reading.

    def _get(self, op: GetOp, read: list[Record]) -> Optional[Item]:
        record = self._record(op.namespace, op.key)
        if record is None or not _is_there(record, datetime.now(timezone.utc)):
            return None
        if op.refresh_ttl:
            read.append(record)
        found = _search_item(record)
        return Item(
            value=found.value,
            key=found.key,
            namespace=found.namespace,
            created_at=found.created_at,
            updated_at=found.updated_at,
        )

    def _record(self, namespace: Namespace, key: str) -> Optional[Record]:
        try:
            return self.tenant.get(matching.name_of(tuple(namespace), key))
        except NotFound:
            return None

    def _filter(self, prefix: Namespace, wanted: Optional[dict[str, Any]] = None, tags: Sequence[str] = ()) -> Any:
        named = [matching.prefix_tag(tuple(prefix))] if prefix else []
        conditions: list[dict[str, Any]] = [{"memory_type": _TYPE}, *matching.narrowing(wanted)]
        conditions += [{"tags": {"all": [tag]}} for tag in (*named, *tags)]
        return {"and": conditions}

    def _records(self, filter: Any) -> Iterator[Record]:
        """All that the filter lets through, the last changed first."""
        cursor = ""
        while True:
            page = self.tenant.memories(filter, sort="updated", order="desc", limit=_PAGE, cursor=cursor)
            yield from page["memories"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def _search(self, op: SearchOp, read: list[Record]) -> list[SearchItem]:
        wanted = op.limit + op.offset
        found: dict[str, tuple[Record, Optional[float]]] = {}
        if op.query:
            for record, score in self._ranked(op, wanted):
                found[record["id"]] = (record, score)
        if len(found) < wanted:
            for record in self._records(self._filter(op.namespace_prefix, op.filter)):
                if record["id"] not in found and matching.item_passes(_value_of(record), op.filter):
                    found[record["id"]] = (record, None)
                if len(found) >= wanted:
                    break
        shown = list(found.values())[op.offset : wanted]
        if op.refresh_ttl:
            read += [record for record, _ in shown]
        return [_search_item(record, score) for record, score in shown]

    def _ranked(self, op: SearchOp, wanted: int) -> list[tuple[Record, float]]:
        """The best by the query that pass; more are asked for until enough have."""
        vector = None if self._embed is None else self._embed_query(op.query or "")
        filter = self._filter(op.namespace_prefix, op.filter, [_INDEXED])
        k = max(1, min(wanted, _MOST))
        while True:
            if vector is None:
                hits = self.tenant.search(op.query, k=k, filter=filter)
            else:
                hits = self.tenant.search(vector=vector, k=k, filter=filter)
            found = [(hit.record, hit.score) for hit in hits]
            passing = [(record, score) for record, score in found if matching.item_passes(_value_of(record), op.filter)]
            if len(passing) >= wanted or len(hits) < k or k == _MOST:
                return passing[:wanted]
            k = min(4 * k, _MOST)

    def _list_namespaces(self, op: ListNamespacesOp) -> list[Namespace]:
        prefixes = [tuple(path) for kind, path in op.match_conditions or () if kind == "prefix" and "*" not in path]
        found = set()
        for namespace in self._namespaces(self._filter(prefixes[0] if prefixes else ())):
            if matching.namespace_passes(namespace, op.match_conditions):
                found.add(namespace if op.max_depth is None else namespace[: op.max_depth])
        return sorted(found)[op.offset : op.offset + op.limit]

    def _namespaces(self, filter: Any) -> Iterator[Namespace]:
        """Each namespace that has an item which the filter lets through."""
        counted = offset = 0
        while True:
            page = self.tenant.distinct_values(_NAMESPACE_PATH, filter, limit=_MOST, offset=offset)
            for value in page["values"]:
                counted += value["count"]
                yield tuple(json.loads(value["value"]))
            offset += _MOST
            if offset >= page["distinct"]:
                break
        if counted < page["matching"]:  # Items that were put before there was that path.
            for record in self._records(filter):
                yield _namespace_of(record)

    # Writing.

    def _write(self, op: PutOp) -> None:
        name = matching.name_of(tuple(op.namespace), op.key)
        if op.value is None:
            self._erase(name)
            return
        fields, passages = self._fields_of(op)
        while True:  # Until nobody else puts or deletes the key between the two.
            there = self._record(op.namespace, op.key)
            try:
                if there is not None and _is_there(there, datetime.now(timezone.utc)):
                    self.tenant.update(name, fields, passages=passages)
                else:
                    if there is not None:
                        self._erase(name)
                    record = {**fields, "external_id": name, "memory_type": _TYPE}
                    self.tenant.add(record, passages=passages, on_duplicate="keep", allow_erased=True)
                return
            except (Conflict, NotFound):
                continue

    def _erase(self, name: str) -> None:
        try:
            self.tenant.erase(name)
        except NotFound:
            pass

    def _fields_of(self, op: PutOp) -> tuple[Record, Any]:
        """What a memory has of the item, and a vector of each of its texts."""
        namespace = tuple(op.namespace)
        paths = [] if op.index is False else (op.index or self._fields)
        texts = [text for path in paths for text in matching.texts_at(op.value, path) if text]
        content: Record = {"namespace": list(namespace), "key": op.key, "path": json.dumps(namespace)}
        expires_at = None
        if op.ttl is not None:
            content["ttl_minutes"] = op.ttl
            expires_at = (datetime.now(timezone.utc) + timedelta(minutes=op.ttl)).isoformat()
        tags = [*matching.prefix_tags(namespace), *([_INDEXED] if texts else [])]
        fields: Record = {
            "text": "\n".join(texts),
            "content": content,
            "metadata": op.value,
            "tags": tags,
            "expires_at": expires_at,
        }
        is_embedded = bool(texts) and self._embed is not None
        return fields, self._embed_documents(texts[:_PASSAGES_MOST]) if is_embedded else None

    def _refresh_records(self, records: Iterable[Record]) -> None:
        """A read extends the life of what lives for a while: one write for each ttl that there is among the records."""
        ids_by_ttl: dict[float, dict[str, None]] = {}
        for record in records:
            minutes = _content_of(record).get("ttl_minutes")
            if minutes is not None and minutes > 0:
                ids_by_ttl.setdefault(minutes, {})[record["id"]] = None
        for minutes, ids in ids_by_ttl.items():
            self._touch(list(ids), timedelta(minutes=minutes))

    def _touch(self, ids: list[str], expires_after: timedelta) -> None:
        try:
            self.tenant.touch(*ids, expires_after=expires_after)
        except (NotFound, Conflict):  # One was deleted meanwhile: then none was touched.
            if len(ids) > 1:
                for one in ids:
                    self._touch([one], expires_after)

    # Embedding.

    def _embed_documents(self, texts: list[str]) -> list[Any]:
        return _run(getattr(self._embed, "embed_documents", self._embed), texts)

    def _embed_query(self, text: str) -> Any:
        if hasattr(self._embed, "embed_query"):
            return self._embed.embed_query(text)
        return self._embed_documents([text])[0]


def _run(embed: Callable[[list[str]], Any], texts: list[str]) -> list[Any]:
    found = embed(texts)
    if inspect.isawaitable(found):
        raise TypeError("embed must be a function that is not async")
    vectors: list[Any] = list(found)
    if len(vectors) != len(texts):
        raise ValueError(f"embed gave {len(vectors)} vectors of {len(texts)} texts")
    return vectors
