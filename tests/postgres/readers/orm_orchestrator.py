"""orchestrator, as a voice assistant maps it."""

from sqlalchemy import (Boolean, CheckConstraint, Column, Computed, DateTime, ForeignKey, Integer, String, Text,
                        UniqueConstraint, text)
from sqlalchemy.orm import relationship

from orm_base import Json, Vector, base_of

Base = base_of("orchestrator")
NOW = text("CURRENT_TIMESTAMP")
TRUE = text("true")


def time(**options):
    return Column(DateTime, nullable=False, server_default=NOW, **options)


class Session(Base):
    __tablename__ = "sessions"
    session_id = Column(String(64), primary_key=True)
    user_id = Column(String(64))
    created_at = time()
    updated_at = time()
    ended_at = Column(DateTime)
    details = Column("metadata", Json)
    summary = Column(Text)
    is_archived = Column(Boolean, nullable=False, server_default=text("false"))
    session_type = Column(String(32), nullable=False)
    memories = relationship("MemoryEntry", back_populates="session", cascade="all, delete-orphan", passive_deletes=True)
    states = relationship("AgentState", back_populates="session", passive_deletes=True)


class MemoryEntry(Base):
    __tablename__ = "memory_entries"
    memory_id = Column(String(64), primary_key=True)
    session_id = Column(String(64), ForeignKey(Session.session_id, ondelete="CASCADE"))
    memory_type = Column(String(32), nullable=False)
    content = Column(Json, nullable=False)
    text_content = Column(Text, Computed("content->>'text'", persisted=True))
    source_agent = Column(String(64))
    created_at = time()
    updated_at = time()
    expires_at = Column(DateTime)
    priority = Column(Integer, CheckConstraint("priority BETWEEN 1 AND 10", name="valid_priority"), nullable=False,
                      server_default=text("5"))
    is_active = Column(Boolean, nullable=False, server_default=TRUE)
    session = relationship(Session, back_populates="memories")
    tags = relationship("MemoryTag", back_populates="memory", cascade="all, delete-orphan", passive_deletes=True)
    embeddings = relationship("VectorEmbedding", back_populates="memory", cascade="all, delete-orphan",
                              passive_deletes=True)
    links = relationship("MemoryRelationship", foreign_keys="MemoryRelationship.source_memory_id",
                         back_populates="source", cascade="all, delete-orphan", passive_deletes=True)
    accesses = relationship("MemoryAccessLog", back_populates="memory", passive_deletes=True)


def memory_key(**options):
    options.setdefault("ondelete", "CASCADE")
    return ForeignKey(MemoryEntry.memory_id, **options)


class MemoryTag(Base):
    __tablename__ = "memory_tags"
    __table_args__ = (UniqueConstraint("memory_id", "tag", name="unique_memory_tag"),)
    tag_id = Column(Integer, primary_key=True)
    memory_id = Column(String(64), memory_key(), nullable=False)
    tag = Column(String(64), nullable=False)
    memory = relationship(MemoryEntry, back_populates="tags")


class VectorEmbedding(Base):
    __tablename__ = "vector_embeddings"
    __table_args__ = (UniqueConstraint("memory_id", "embedding_model", name="unique_memory_embedding"),)
    embedding_id = Column(Integer, primary_key=True)
    memory_id = Column(String(64), memory_key(), nullable=False)
    embedding = Column(Vector, nullable=False)
    embedding_model = Column(String(64), nullable=False)
    created_at = time()
    memory = relationship(MemoryEntry, back_populates="embeddings")


class UserProfile(Base):
    __tablename__ = "user_profiles"
    user_id = Column(String(64), primary_key=True)
    created_at = time()
    updated_at = time()
    profile_data = Column(Json)
    preferences = Column(Json)
    is_active = Column(Boolean, nullable=False, server_default=TRUE)


class AgentState(Base):
    __tablename__ = "agent_states"
    __table_args__ = (UniqueConstraint("agent_id", "session_id", name="unique_agent_session"),)
    state_id = Column(Integer, primary_key=True)
    agent_id = Column(String(64), nullable=False)
    session_id = Column(String(64), ForeignKey(Session.session_id, ondelete="SET NULL"))
    state_data = Column(Json, nullable=False)
    created_at = time()
    updated_at = time()
    expires_at = Column(DateTime)
    session = relationship(Session, back_populates="states")


class MemoryRelationship(Base):
    __tablename__ = "memory_relationships"
    __table_args__ = (UniqueConstraint("source_memory_id", "target_memory_id", "relationship_type",
                                       name="unique_memory_relationship"),)
    relationship_id = Column(Integer, primary_key=True)
    source_memory_id = Column(String(64), memory_key(), nullable=False)
    target_memory_id = Column(String(64), memory_key(), nullable=False)
    relationship_type = Column(String(32), nullable=False)
    details = Column("metadata", Json)
    created_at = time()
    source = relationship(MemoryEntry, foreign_keys=[source_memory_id], back_populates="links")
    target = relationship(MemoryEntry, foreign_keys=[target_memory_id])


class MemoryAccessLog(Base):
    __tablename__ = "memory_access_logs"
    log_id = Column(Integer, primary_key=True)
    memory_id = Column(String(64), memory_key(ondelete="SET NULL"))
    session_id = Column(String(64), ForeignKey(Session.session_id, ondelete="SET NULL"))
    agent_id = Column(String(64))
    operation = Column(String(16), nullable=False)
    timestamp = time()
    request_data = Column(Json)
    success = Column(Boolean, nullable=False)
    error_message = Column(Text)
    ip_address = Column(String(45))
    memory = relationship(MemoryEntry, back_populates="accesses")
    session = relationship(Session)
