"""Which items a filter means, which namespaces a condition, and which texts a path.

What can be said as a filter of the store narrows what is read; whether an item passes is then decided here, by LangGraph's
rules, so that the two never differ.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Callable, Iterator, Optional

from tulving.langgraph.base import MatchCondition, Namespace


def prefix_tag(prefix: Namespace) -> str:
    """Stands for a namespace and all below it, among a memory's tags. By segments: ("a", "b") is no prefix of
    ("a", "bc")."""
    return "ns:" + hashlib.sha256(json.dumps(prefix).encode()).hexdigest()[:32]


def prefix_tags(namespace: Namespace) -> list[str]:
    return [prefix_tag(namespace[:length]) for length in range(1, len(namespace) + 1)]


def name_of(namespace: Namespace, key: str) -> str:
    """The external id of an item; both may be of any length."""
    return "item:" + hashlib.sha256(json.dumps([namespace, key]).encode()).hexdigest()[:48]


def _number(value: Any) -> Optional[float]:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _compare(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, bound: Any) -> bool:
        number, limit = _number(value), _number(bound)
        return number is not None and limit is not None and holds(number, limit)

    return compare


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, other: bool(value == other),
    "$ne": lambda value, other: bool(value != other),
    "$gt": _compare(lambda value, bound: value > bound),
    "$gte": _compare(lambda value, bound: value >= bound),
    "$lt": _compare(lambda value, bound: value < bound),
    "$lte": _compare(lambda value, bound: value <= bound),
}


def passes(value: Any, wanted: Any) -> bool:
    """Whether a member of an item is as the filter wants it."""
    if isinstance(wanted, dict):
        if any(name.startswith("$") for name in wanted):
            for name in wanted:
                if name not in _OPERATORS:
                    raise ValueError(f"there is no operator {name!r}; there are {', '.join(_OPERATORS)}")
            return all(_OPERATORS[name](value, bound) for name, bound in wanted.items())
        return isinstance(value, dict) and all(passes(value.get(name), one) for name, one in wanted.items())
    return bool(value == wanted)


def item_passes(item: dict[str, Any], wanted: Optional[dict[str, Any]]) -> bool:
    return all(passes(item.get(name), one) for name, one in (wanted or {}).items())


def narrowing(wanted: Optional[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conditions of the store that every item meets which passes; the items' values are metadata there."""
    found: list[dict[str, Any]] = []
    for name, one in (wanted or {}).items():
        if "." in name or not name:
            continue
        field = f"metadata.{name}"
        if isinstance(one, str):
            found.append({field: one})
        elif isinstance(one, dict):
            bounds = {op[1:]: bound for op, bound in one.items() if op in ("$gt", "$gte", "$lt", "$lte")}
            numbers = {op: bound for op, bound in bounds.items() if _number(bound) is not None}
            if numbers:
                found.append({field: numbers})
            if isinstance(one.get("$eq"), str):
                found.append({field: one["$eq"]})
    return found


def _is_path(path: Namespace, labels: Namespace) -> bool:
    return len(path) == len(labels) and all(want in ("*", label) for want, label in zip(path, labels))


def namespace_passes(namespace: Namespace, conditions: Optional[tuple[MatchCondition, ...]]) -> bool:
    for kind, path in conditions or ():
        if len(path) > len(namespace):
            return False
        labels = namespace[: len(path)] if kind == "prefix" else namespace[len(namespace) - len(path) :]
        if not _is_path(tuple(path), labels):
            return False
    return True


_STEP = re.compile(r"([^.\[\]]+)|\[(\*|-?\d+)\]")


def _values_at(value: Any, steps: list[tuple[str, str]]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    (name, index), rest = steps[0], steps[1:]
    if isinstance(value, dict) and name:
        members = value.values() if name == "*" else ([value[name]] if name in value else [])
        for member in members:
            yield from _values_at(member, rest)
    elif isinstance(value, list):
        place = index or name
        if place == "*":
            for element in value:
                yield from _values_at(element, rest)
        elif re.fullmatch(r"-?\d+", place) and -len(value) <= int(place) < len(value):
            yield from _values_at(value[int(place)], rest)


def texts_at(value: Any, path: str) -> list[str]:
    """The texts that "$" (all of it), "a.b", "a[0].b" or "a[*].b" mean."""
    if path == "$":
        return [json.dumps(value, ensure_ascii=False, sort_keys=True)]
    found = _values_at(value, _STEP.findall(path))
    return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in found if one is not None]
