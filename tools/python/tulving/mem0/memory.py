"""Mem0's Memory on a tenant of Tulving."""

from __future__ import annotations

import os
import warnings
from datetime import datetime, timezone
from typing import Any, Callable, Iterator, Optional, Sequence, Union

from tulving.errors import NotFound
from tulving.mem0.extraction import Extractor, OpenAIExtractor
from tulving.mem0.filters import SCOPE, check_scope, filter_of
from tulving.store import Store
from tulving.tenant import Tenant

Item = dict[str, Any]
Messages = Union[str, dict[str, Any], list[dict[str, Any]]]
Embed = Callable[[list[str]], Sequence[Any]]

_PAGE = 1000
# Of a memory's metadata, what Mem0 shows beside its metadata.
_BESIDE = ("actor_id", "role")
_EVENTS = {"add": "ADD", "update": "UPDATE", "forget": "DELETE", "gc": "DELETE"}


class Mem0ValidationError(ValueError):
    """An argument that Mem0 refuses."""


def _time(given: Any) -> str:
    """A moment as the store takes it: a datetime, seconds since 1970, or ISO 8601."""
    if isinstance(given, datetime):
        return (given if given.tzinfo else given.astimezone()).isoformat()
    if isinstance(given, (int, float)):
        return datetime.fromtimestamp(given, timezone.utc).isoformat()
    return str(given)


def _trimmed(value: Optional[str], name: str) -> Optional[str]:
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise Mem0ValidationError(f"{name} must be a text that is not empty")
    return value.strip()


def _turns(messages: Messages) -> list[dict[str, Any]]:
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    given = [messages] if isinstance(messages, dict) else messages
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Mem0ValidationError("messages must be str, dict, or list[dict]")
    turns = [one for one in given if one.get("role") not in (None, "system") and one.get("content") is not None]
    if not all(isinstance(one["content"], str) for one in turns):
        raise Mem0ValidationError("the content of a message must be text")
    return turns


def _item(record: Item, score: Optional[float] = None) -> Item:
    metadata = dict(record.get("metadata") or {})
    item = {
        "id": record["id"],
        "memory": record.get("text", ""),
        "hash": record.get("content_hash"),
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
    }
    if score is not None:
        item["score"] = score
    for name in _BESIDE:
        if name in metadata:
            item[name] = metadata.pop(name)
    for ours, theirs in (("user_id", "user_id"), ("agent_id", "agent_id"), ("session_id", "run_id")):
        if record.get(ours):
            item[theirs] = record[ours]
    if record.get("expires_at"):
        item["expiration_date"] = record["expires_at"]
    item["metadata"] = metadata or None
    return item


def _is_shown(record: Item) -> bool:
    expires = record.get("expires_at")
    is_over = expires and datetime.fromisoformat(expires.replace("Z", "+00:00")) <= datetime.now(timezone.utc)
    return record.get("status", "active") in ("active", "promoted") and not is_over


class Memory:
    """Mem0's Memory: its methods, arguments and answers, without a key or a network.

    The turns of add() are kept as they were said, each a memory. `infer`, off unless it is asked for, also has `llm` draw
    facts from them, which are memories beside the turns: a function from turns to sentences, or OpenAIExtractor. `embed`
    makes vectors of texts; without it the store's own embedder does, and without that memories are found by words.
    """

    def __init__(
        self,
        store: Union[Store, str, "os.PathLike[str]", None] = None,
        *,
        tenant: str = "mem0",
        embed: Optional[Embed] = None,
        llm: Optional[Extractor] = None,
    ) -> None:
        self._owned = None if isinstance(store, Store) else Store(store)
        self._store = store if isinstance(store, Store) else self._owned
        assert self._store is not None
        self.tenant: Tenant = self._store.tenant(tenant)
        self._embed = embed
        self._llm = llm

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Memory":
        """{"vector_store": {"provider": "tulving", "config": {"path", "tenant"}}, "llm": {"provider": "openai", "config":
        {"model", "openai_base_url", "api_key"}}}; anything else is refused."""
        given = dict(config)
        where = given.pop("vector_store", {})
        llm = given.pop("llm", None)
        if given or where.get("provider", "tulving") != "tulving":
            raise Mem0ValidationError(f"the configuration has what is not known: {sorted(given) or where['provider']}")
        extractor = None
        if llm is not None:
            if llm.get("provider") != "openai":
                raise Mem0ValidationError("llm must be of provider 'openai', which many servers speak")
            named = {"openai_base_url": "base_url", "model": "model", "api_key": "api_key"}
            extractor = OpenAIExtractor(**{named[name]: value for name, value in llm.get("config", {}).items()})
        place = where.get("config", {})
        return cls(place.get("path"), tenant=place.get("tenant", "mem0"), llm=extractor)

    # Adding.

    def add(
        self,
        messages: Messages,
        *,
        user_id: Optional[str] = None,
        agent_id: Optional[str] = None,
        run_id: Optional[str] = None,
        metadata: Optional[dict[str, Any]] = None,
        timestamp: Any = None,
        expiration_date: Any = None,
        infer: bool = False,
        memory_type: Optional[str] = None,
        prompt: Optional[str] = None,
    ) -> dict[str, list[Item]]:
        """Keeps the turns; answers {"results": [{"id", "memory", "event", "role", "actor_id"}]}."""
        if memory_type is not None or prompt is not None:
            raise Mem0ValidationError("procedural memories and prompts are not supported")
        if infer and self._llm is None:
            raise Mem0ValidationError("infer needs an llm: a function from turns to facts, or OpenAIExtractor")
        scope = self._scope(user_id, agent_id, run_id)
        common: Item = dict(scope)
        if timestamp is not None:
            common["created_at"] = _time(timestamp)
        if expiration_date is not None:
            common["expires_at"] = _time(expiration_date)
        turns = _turns(messages)
        results = self._keep(turns, common, metadata or {})
        if infer:
            results += self._infer(turns, common, metadata or {})
        return {"results": results}

    def _scope(self, user_id: Optional[str], agent_id: Optional[str], run_id: Optional[str]) -> Item:
        given = zip(SCOPE, (user_id, agent_id, run_id))
        found = {name: trimmed for name, value in given if (trimmed := _trimmed(value, name))}
        if not found:
            raise Mem0ValidationError("At least one of 'user_id', 'agent_id', or 'run_id' must be provided.")
        if "run_id" in found:
            found["session_id"] = found.pop("run_id")
        return found

    def _keep(self, turns: list[dict[str, Any]], common: Item, metadata: dict[str, Any]) -> list[Item]:
        records = []
        for turn in turns:
            own = {**metadata, "role": turn["role"]}
            if turn.get("name"):
                own["actor_id"] = turn["name"]
            records.append({**common, "text": turn["content"], "memory_type": "conversation", "metadata": own})
        ids = self._add(records)
        return [
            {"id": name, "memory": turn["content"], "event": "ADD", "actor_id": turn.get("name"), "role": turn["role"]}
            for name, turn in zip(ids, turns)
        ]

    def _infer(self, turns: list[dict[str, Any]], common: Item, metadata: dict[str, Any]) -> list[Item]:
        assert self._llm is not None
        try:
            facts = list(self._llm(turns))
        except Exception as failure:  # The turns are kept, whatever the model does.
            warnings.warn(f"no facts were drawn from {len(turns)} turns, which are kept: {failure}", stacklevel=3)
            return []
        records = [{**common, "text": fact, "memory_type": "fact", "metadata": metadata} for fact in facts]
        return [{"id": name, "memory": fact, "event": "ADD"} for name, fact in zip(self._add(records), facts)]

    def _add(self, records: list[Item]) -> list[str]:
        if not records:
            return []
        vectors: Any = None if self._embed is None else self._embed([record["text"] for record in records])
        return [done["id"] for done in self.tenant.add_many(records, vectors=vectors, make_session=True)]

    # Finding.

    def search(
        self,
        query: str,
        *,
        top_k: int = 20,
        filters: Optional[dict[str, Any]] = None,
        threshold: Optional[float] = 0.1,
        rerank: bool = False,
        explain: bool = False,
        reference_date: Any = None,
        show_expired: bool = False,
    ) -> dict[str, list[Item]]:
        """{"results": [...]}, best first. A score is 0..1 with `embed`, else BM25's, 0 and up."""
        if rerank:
            raise Mem0ValidationError("there is no reranker")
        options: Item = {"explain": explain, "include_expired": show_expired}
        if reference_date is not None:
            options["now"] = _time(reference_date)
        vector = None if self._embed is None else self._embed([query])[0]
        wanted = filter_of(check_scope(filters))
        hits = self.tenant.search(
            query, vector=vector, k=top_k, filter=wanted, least_score=threshold or 0, **options
        )
        results = []
        for hit in hits:
            item = _item(hit.record, hit.score)
            if explain:
                item["score_details"] = hit.json.get("explain")
            results.append(item)
        return {"results": results}

    def get_all(
        self, *, filters: Optional[dict[str, Any]] = None, top_k: int = 20, show_expired: bool = False
    ) -> dict[str, list[Item]]:
        """The first `top_k`, oldest first."""
        found = self._records(filter_of(check_scope(filters)), show_expired)
        return {"results": [_item(record) for _, record in zip(range(top_k), found)]}

    def _records(self, filter: Any, show_expired: bool = False) -> Iterator[Item]:
        cursor = ""
        while True:
            page = self.tenant.memories(filter, include_expired=show_expired, limit=_PAGE, cursor=cursor)
            yield from page["memories"]
            cursor = page["next_cursor"]
            if not cursor:
                return

    def _record(self, memory_id: str) -> Optional[Item]:
        try:
            record = self.tenant.get(memory_id)
        except NotFound:
            return None
        return record if _is_shown(record) else None

    def get(self, memory_id: str) -> Optional[Item]:
        """The memory; None: there is none."""
        record = self._record(memory_id)
        return None if record is None else _item(record)

    # Changing.

    def update(
        self,
        memory_id: str,
        data: Optional[str] = None,
        metadata: Optional[dict[str, Any]] = None,
        *,
        text: Optional[str] = None,
        expiration_date: Any = None,
    ) -> dict[str, str]:
        """Another text (`text` and `data` are one), other metadata; ValueError: there is no such memory."""
        record = self._needed(memory_id)
        new = text if text is not None else data
        patch: Item = {}
        if new is not None:
            patch["text"] = new
        if metadata is not None:
            kept = {name: value for name, value in (record.get("metadata") or {}).items() if name in _BESIDE}
            patch["metadata"] = {**metadata, **kept}
        if expiration_date is not None:
            patch["expires_at"] = _time(expiration_date)
        if not patch:
            raise Mem0ValidationError("there is nothing to update")
        vector = self._embed([new])[0] if new is not None and self._embed is not None else None
        self.tenant.update(memory_id, patch, vector=vector)
        return {"message": "Memory updated successfully!"}

    def _needed(self, memory_id: str) -> Item:
        record = self._record(memory_id)
        if record is None:
            raise ValueError(f"Memory with id {memory_id} not found")
        return record

    def delete(self, memory_id: str) -> dict[str, str]:
        """Hides the memory; its history stays. ValueError: there is none."""
        self._needed(memory_id)
        self.tenant.forget(memory_id)
        return {"message": "Memory deleted successfully!"}

    def delete_all(
        self, user_id: Optional[str] = None, agent_id: Optional[str] = None, run_id: Optional[str] = None
    ) -> dict[str, str]:
        """As delete() of each in that scope, which must be named."""
        given = zip(SCOPE, (user_id, agent_id, run_id))
        filters = {name: trimmed for name, value in given if (trimmed := _trimmed(value, name))}
        if not filters:
            raise ValueError(
                "At least one filter is required to delete all memories. "
                "If you want to delete all memories, use the `reset()` method."
            )
        self.tenant.call("memory.forget", {"filter": filter_of(filters)})
        return {"message": "Memories deleted successfully!"}

    def history(self, memory_id: str) -> list[Item]:
        """What became of the memory, oldest first; of one that is not there nothing."""
        try:
            versions = self.tenant.history(memory_id)
        except NotFound:
            return []
        entries: list[Item] = []
        before = None
        for version in versions:
            event = _EVENTS.get(version["operation"], "UPDATE")
            text = version["memory"].get("text", "")
            beside = version["memory"].get("metadata") or {}
            entries.append(
                {
                    "id": f"{memory_id}:{version['revision']}",
                    "memory_id": memory_id,
                    "old_memory": before,
                    "new_memory": None if event == "DELETE" else text,
                    "event": event,
                    "created_at": version["memory"]["created_at"],
                    "updated_at": version["at"],
                    "is_deleted": event == "DELETE",
                    "actor_id": beside.get("actor_id"),
                    "role": beside.get("role"),
                }
            )
            before = text
        return entries

    def reset(self) -> None:
        """Removes every memory of the tenant, for good."""
        self.tenant.call("memory.erase", {"filter": {}})

    def close(self) -> None:
        """Closes the store, where this has opened it."""
        if self._owned is not None:
            self._owned.close()

    def __enter__(self) -> "Memory":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
