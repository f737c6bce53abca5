"""LangGraph's store interface: its own where langgraph is installed, else the same shapes, so that nothing is needed.

What a BaseStore derives from batch() and abatch() (get, put, search, delete, list_namespaces and their twins) is
LangGraph's; here it is written anew for whoever has no LangGraph.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Iterable, NamedTuple, Optional, Union

Namespace = tuple[str, ...]

try:
    from langgraph.store.base import (  # type: ignore[import]
        BaseStore,
        GetOp,
        InvalidNamespaceError,
        Item,
        ListNamespacesOp,
        MatchCondition,
        PutOp,
        SearchItem,
        SearchOp,
    )
except ImportError:

    class InvalidNamespaceError(ValueError):  # type: ignore[no-redef]
        """A namespace is a tuple of labels, without "." and not empty, whose first is not "langgraph"."""

    class Item:  # type: ignore[no-redef]
        """What is stored under a key of a namespace."""

        def __init__(
            self, *, value: dict[str, Any], key: str, namespace: Namespace, created_at: datetime, updated_at: datetime
        ) -> None:
            self.value = value
            self.key = key
            self.namespace = tuple(namespace)
            self.created_at = created_at
            self.updated_at = updated_at

        def dict(self) -> "dict[str, Any]":
            return {
                "namespace": list(self.namespace),
                "key": self.key,
                "value": self.value,
                "created_at": self.created_at.isoformat(),
                "updated_at": self.updated_at.isoformat(),
            }

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Item) and self.dict() == other.dict()

        def __hash__(self) -> int:
            return hash((self.namespace, self.key))

        def __repr__(self) -> str:
            return f"{type(self).__name__}({self.dict()})"

    class SearchItem(Item):  # type: ignore[no-redef, misc]
        """An item that was found; `score` None: it was not compared with the query."""

        def __init__(
            self,
            namespace: Namespace,
            key: str,
            value: dict[str, Any],
            created_at: datetime,
            updated_at: datetime,
            score: Optional[float] = None,
        ) -> None:
            super().__init__(
                value=value, key=key, namespace=namespace, created_at=created_at, updated_at=updated_at
            )
            self.score = score

        def dict(self) -> "dict[str, Any]":
            return {**super().dict(), "score": self.score}

    class GetOp(NamedTuple):  # type: ignore[no-redef]
        namespace: Namespace
        key: str
        refresh_ttl: bool = True

    class SearchOp(NamedTuple):  # type: ignore[no-redef]
        namespace_prefix: Namespace
        filter: Optional[dict[str, Any]] = None
        limit: int = 10
        offset: int = 0
        query: Optional[str] = None
        refresh_ttl: bool = True

    class PutOp(NamedTuple):  # type: ignore[no-redef]
        namespace: Namespace
        key: str
        value: Optional[dict[str, Any]]
        index: Any = None
        ttl: Optional[float] = None

    class MatchCondition(NamedTuple):  # type: ignore[no-redef]
        match_type: str
        path: Namespace

    class ListNamespacesOp(NamedTuple):  # type: ignore[no-redef]
        match_conditions: Optional[tuple[MatchCondition, ...]] = None
        max_depth: Optional[int] = None
        limit: int = 100
        offset: int = 0

    def _check(namespace: Namespace) -> None:
        if not namespace:
            raise InvalidNamespaceError("a namespace must have labels")
        for label in namespace:
            if not isinstance(label, str) or not label or "." in label:
                raise InvalidNamespaceError(f"{label!r} in {namespace} must be a text without '.', and not empty")
        if namespace[0] == "langgraph":
            raise InvalidNamespaceError(f"the first label of {namespace} must not be 'langgraph'")

    def _list_op(prefix: Any, suffix: Any, max_depth: Optional[int], limit: int, offset: int) -> ListNamespacesOp:
        given = (("prefix", prefix), ("suffix", suffix))
        conditions = tuple(MatchCondition(kind, tuple(path)) for kind, path in given if path)
        return ListNamespacesOp(conditions, max_depth, limit, offset)

    class BaseStore:  # type: ignore[no-redef]
        """get, put, search, delete and list_namespaces, each an operation of a batch."""

        supports_ttl = False
        ttl_config: Any = None

        def batch(self, ops: Iterable[Any]) -> list[Any]:
            raise NotImplementedError

        async def abatch(self, ops: Iterable[Any]) -> list[Any]:
            raise NotImplementedError

        def _refresh(self, refresh_ttl: Optional[bool]) -> bool:
            if refresh_ttl is not None:
                return refresh_ttl
            return bool((self.ttl_config or {}).get("refresh_on_read", True))

        def _ttl(self, ttl: Any) -> Any:
            if ttl is not ...:
                return ttl
            return (self.ttl_config or {}).get("default_ttl")

        def get(self, namespace: Namespace, key: str, *, refresh_ttl: Optional[bool] = None) -> Optional[Item]:
            return self.batch([GetOp(tuple(namespace), str(key), self._refresh(refresh_ttl))])[0]

        def search(self, namespace_prefix: Namespace, /, **how: Any) -> list[SearchItem]:
            how["refresh_ttl"] = self._refresh(how.get("refresh_ttl"))
            found: list[SearchItem] = self.batch([SearchOp(tuple(namespace_prefix), **how)])[0]
            return found

        def put(
            self, namespace: Namespace, key: str, value: dict[str, Any], index: Any = None, *, ttl: Any = ...
        ) -> None:
            _check(namespace)
            self.batch([PutOp(tuple(namespace), str(key), value, index, self._ttl(ttl))])

        def delete(self, namespace: Namespace, key: str) -> None:
            self.batch([PutOp(tuple(namespace), str(key), None)])

        def list_namespaces(
            self,
            *,
            prefix: Any = None,
            suffix: Any = None,
            max_depth: Optional[int] = None,
            limit: int = 100,
            offset: int = 0,
        ) -> list[Namespace]:
            found: list[Namespace] = self.batch([_list_op(prefix, suffix, max_depth, limit, offset)])[0]
            return found

        async def aget(self, namespace: Namespace, key: str, *, refresh_ttl: Optional[bool] = None) -> Optional[Item]:
            return (await self.abatch([GetOp(tuple(namespace), str(key), self._refresh(refresh_ttl))]))[0]

        async def asearch(self, namespace_prefix: Namespace, /, **how: Any) -> list[SearchItem]:
            how["refresh_ttl"] = self._refresh(how.get("refresh_ttl"))
            found: list[SearchItem] = (await self.abatch([SearchOp(tuple(namespace_prefix), **how)]))[0]
            return found

        async def aput(
            self, namespace: Namespace, key: str, value: dict[str, Any], index: Any = None, *, ttl: Any = ...
        ) -> None:
            _check(namespace)
            await self.abatch([PutOp(tuple(namespace), str(key), value, index, self._ttl(ttl))])

        async def adelete(self, namespace: Namespace, key: str) -> None:
            await self.abatch([PutOp(tuple(namespace), str(key), None)])

        async def alist_namespaces(
            self,
            *,
            prefix: Any = None,
            suffix: Any = None,
            max_depth: Optional[int] = None,
            limit: int = 100,
            offset: int = 0,
        ) -> list[Namespace]:
            found: list[Namespace] = (await self.abatch([_list_op(prefix, suffix, max_depth, limit, offset)]))[0]
            return found


Op = Union[GetOp, SearchOp, PutOp, ListNamespacesOp]

__all__ = [
    "BaseStore",
    "GetOp",
    "InvalidNamespaceError",
    "Item",
    "ListNamespacesOp",
    "MatchCondition",
    "Namespace",
    "Op",
    "PutOp",
    "SearchItem",
    "SearchOp",
]
