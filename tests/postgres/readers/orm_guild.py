"""guild, as a memory service of many tenants maps it."""

from sqlalchemy import (Boolean, CheckConstraint, Column, DateTime, Float, ForeignKey, String, Text, UniqueConstraint,
                        text)
from sqlalchemy.orm import relationship

from orm_base import Id, Json, base_of

Base = base_of("guild")
NOW = text("now()")
DRAWN = text("gen_random_uuid()")
OBJECT = text("'{}'")


def key():
    return Column(Id, primary_key=True, server_default=DRAWN)


def time():
    return Column(DateTime(timezone=True), server_default=NOW)


def words(column, *allowed):
    return CheckConstraint("%s IN (%s)" % (column, ", ".join("'%s'" % word for word in allowed)))


class MemoryRecord(Base):
    __tablename__ = "memory_records"
    __table_args__ = (UniqueConstraint("agent_id", "tenant_id", "content_hash", name="unique_content_hash"),
                      words("source_type", "conversation", "tool_output", "document", "observation", "external"))
    memory_id = key()
    agent_id = Column(String(255), nullable=False)
    tenant_id = Column(String(255), nullable=False)
    source_type = Column(String(50), nullable=False)
    content_text = Column(Text, nullable=False)
    content_hash = Column(String(64), nullable=False)
    details = Column("metadata", Json, server_default=OBJECT)
    created_at = time()
    updated_at = time()
    is_deleted = Column(Boolean, server_default=text("false"))
    deleted_at = Column(DateTime(timezone=True))
    embeddings = relationship("MemoryEmbedding", back_populates="memory", cascade="all, delete-orphan",
                              passive_deletes=True)
    # The memories one step on, and the steps themselves.
    related = relationship("MemoryRecord", secondary=lambda: MemoryRelationship.__table__,
                           primaryjoin=lambda: MemoryRecord.memory_id == MemoryRelationship.source_memory_id,
                           secondaryjoin=lambda: MemoryRecord.memory_id == MemoryRelationship.target_memory_id,
                           viewonly=True)
    links = relationship("MemoryRelationship", foreign_keys=lambda: MemoryRelationship.source_memory_id,
                         back_populates="source", cascade="all, delete-orphan", passive_deletes=True)


class MemoryEmbedding(Base):
    __tablename__ = "memory_embeddings"
    __table_args__ = (UniqueConstraint("memory_id", "embedding_model", name="unique_memory_embedding"),)
    embedding_id = key()
    memory_id = Column(Id, ForeignKey(MemoryRecord.memory_id, ondelete="CASCADE"), nullable=False)
    vector_id = Column(String(255), nullable=False)
    embedding_model = Column(String(100), nullable=False)
    created_at = time()
    memory = relationship(MemoryRecord, back_populates="embeddings")


class MemoryRelationship(Base):
    __tablename__ = "memory_relationships"
    __table_args__ = (
        words("relationship_type", "references", "contradicts", "supports", "follows", "related"),
        CheckConstraint("confidence_score >= 0 AND confidence_score <= 1"),
        CheckConstraint("source_memory_id != target_memory_id", name="no_self_reference"),
        UniqueConstraint("source_memory_id", "target_memory_id", "relationship_type", name="unique_relationship"))
    relationship_id = key()
    source_memory_id = Column(Id, ForeignKey(MemoryRecord.memory_id, ondelete="CASCADE"), nullable=False)
    target_memory_id = Column(Id, ForeignKey(MemoryRecord.memory_id, ondelete="CASCADE"), nullable=False)
    relationship_type = Column(String(50), nullable=False)
    confidence_score = Column(Float(53))
    created_at = time()
    source = relationship(MemoryRecord, foreign_keys=[source_memory_id], back_populates="links")
    target = relationship(MemoryRecord, foreign_keys=[target_memory_id])


class DataSource(Base):
    __tablename__ = "data_sources"
    __table_args__ = (words("source_type", "api", "database", "file_system", "webhook", "manual"),)
    source_id = key()
    source_name = Column(String(255), nullable=False, unique=True)
    source_type = Column(String(50), nullable=False)
    source_uri = Column(Text)
    is_active = Column(Boolean, server_default=text("true"))
    created_at = time()
    last_ingestion_at = Column(DateTime(timezone=True))
    details = Column("metadata", Json, server_default=OBJECT)


class MemoryAccessPolicy(Base):
    __tablename__ = "memory_access_policies"
    policy_id = key()
    policy_name = Column(String(255), nullable=False, unique=True)
    policy_rules = Column(Json, nullable=False)
    is_active = Column(Boolean, server_default=text("true"))
    created_at = time()
    updated_at = time()
