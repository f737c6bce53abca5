"""Mem0's filters as filters of the store."""

from __future__ import annotations

from typing import Any

Filter = dict[str, Any]

# Members of a memory that have a field of their own; all else is metadata.
_FIELDS = {
    "user_id": "user_id",
    "agent_id": "agent_id",
    "run_id": "session_id",
    "created_at": "created_at",
    "updated_at": "updated_at",
}
SCOPE = ("user_id", "agent_id", "run_id")
_RANGES = ("gt", "gte", "lt", "lte")
_OF_TEXTS = ("contains", "icontains")


def _equal(field: str, value: Any) -> Filter:
    return {field: {"eq": value}}


def _condition(field: str, operator: str, value: Any) -> Filter:
    if operator == "eq":
        return _equal(field, value)
    if operator == "ne":
        return {"not": _equal(field, value)}
    if operator in ("in", "nin"):
        if not isinstance(value, (list, tuple, set)):
            raise ValueError(f"{operator} of {field} must have a list")
        found: Filter = {"or": [_equal(field, one) for one in value]}
        return found if operator == "in" else {"not": found}
    if operator in _RANGES:
        return {field: {operator: value}}
    if operator in _OF_TEXTS and field.startswith("metadata."):
        return {field: {operator: value}}
    if operator in _OF_TEXTS:
        raise ValueError(f"{operator!r} is of metadata alone, not of {field}")
    raise ValueError(f"Unsupported metadata filter operator: {operator}")


def _conditions(name: str, wanted: Any) -> list[Filter]:
    field = _FIELDS.get(name, f"metadata.{name}")
    if isinstance(wanted, dict):
        return [_condition(field, operator, value) for operator, value in wanted.items()]
    if wanted == "*" and name in _FIELDS:
        raise ValueError(f"'*' is of metadata alone, not of {name}")
    if wanted == "*":
        return [{field: {"present": True}}]
    if isinstance(wanted, (list, tuple)):
        return [_condition(field, "in", wanted)]
    return [_equal(field, wanted)]


def _list_of(name: str, value: Any) -> list[Filter]:
    if not isinstance(value, list) or not value:
        raise ValueError(f"{name} operator requires a non-empty list of conditions")
    return [filter_of(one) for one in value]


def filter_of(filters: "Filter | None") -> Filter:
    """All conditions hold; AND, OR and NOT take lists of such."""
    parts: list[Filter] = []
    for name, value in (filters or {}).items():
        if name == "AND":
            parts += _list_of(name, value)
        elif name == "OR":
            parts.append({"or": _list_of(name, value)})
        elif name == "NOT":
            parts.append({"not": {"or": _list_of(name, value)}})
        else:
            parts += _conditions(name, value)
    return {"and": parts}


def check_scope(filters: "Filter | None") -> Filter:
    """Mem0 wants a search to say whose memories it is about."""
    given = filters or {}
    named = any(name in given for name in SCOPE)
    named = named or any(name in one for one in given.get("AND", []) for name in SCOPE)
    if not named:
        raise ValueError("filters must contain at least one of: 'user_id', 'agent_id', 'run_id'")
    return given
