"""What the five mappings share."""

from sqlalchemy import Float, MetaData
from sqlalchemy.dialects.postgresql import ARRAY, ENUM, JSONB, TSVECTOR, UUID
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import declarative_base
from sqlalchemy.types import UserDefinedType

Id = UUID(as_uuid=True)
Ids = ARRAY(UUID(as_uuid=True))
Json = JSONB(none_as_null=True)
TextVector = TSVECTOR
__all__ = ["DIM", "Id", "Ids", "Json", "TextVector", "Vector", "base_of", "label"]

DIM = 512  # Of the demo's embeddings.


class Vector(UserDefinedType):
    """pgvector's type, of fixed dimension; a list of floats to Python."""

    cache_ok = True

    def __init__(self, dim=DIM):
        self.dim = dim

    def get_col_spec(self, **_):
        return "VECTOR(%d)" % self.dim

    def bind_processor(self, dialect):
        return lambda value: None if value is None else "[%s]" % ",".join(repr(float(each)) for each in value)

    def result_processor(self, dialect, coltype):
        return lambda value: None if value is None else [float(each) for each in value[1:-1].split(",")]

    class comparator_factory(UserDefinedType.Comparator):
        def cosine_distance(self, other):
            return self.op("<=>", return_type=Float())(other)


ischema_names["vector"] = Vector  # So that a table which is looked at has it.


def base_of(schema):
    return declarative_base(metadata=MetaData(schema=schema))


def label(base, name, *labels):
    """An enumerated type of the schema's own."""
    return ENUM(*labels, name=name, metadata=base.metadata, schema=base.metadata.schema)
