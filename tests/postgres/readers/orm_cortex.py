"""cortex, as agents that look after fading memories map it."""

from sqlalchemy import ARRAY, CheckConstraint, Column, DateTime, Float, ForeignKey, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import relationship

from orm_base import Id, Json, Vector, base_of

Base = base_of("cortex")
Double = Float(53)


def time(**options):
    return Column(DateTime(timezone=True), **options)


def count():
    return Column(Integer, nullable=False, server_default=text("0"))


class Memory(Base):
    __tablename__ = "memories"
    __table_args__ = (CheckConstraint("status IN ('active', 'promoted', 'archived', 'deleted')"),
                      CheckConstraint("strength >= 0 AND strength <= 2"))
    memory_id = Column(Id, primary_key=True)
    content = Column(Text, nullable=False)
    tags = Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    entities = Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))
    status = Column(Text, nullable=False, server_default=text("'active'"))
    strength = Column(Double, nullable=False, server_default=text("1.0"))
    use_count = count()
    review_count = count()
    created_at = time(nullable=False)
    last_used = time(nullable=False)
    promoted_at = time()
    archived_at = time()
    ltm_path = Column(Text)
    embedding = Column(Vector)
    outgoing = relationship("Relation", foreign_keys="Relation.from_memory_id", back_populates="origin",
                            cascade="all, delete-orphan", passive_deletes=True)
    incoming = relationship("Relation", foreign_keys="Relation.to_memory_id", back_populates="target",
                            cascade="all, delete-orphan", passive_deletes=True)


class Relation(Base):
    __tablename__ = "relations"
    __table_args__ = (UniqueConstraint("from_memory_id", "to_memory_id", "relation_type"),
                      CheckConstraint("strength >= 0 AND strength <= 1"))
    relation_id = Column(Id, primary_key=True)
    from_memory_id = Column(Id, ForeignKey(Memory.memory_id, ondelete="CASCADE"), nullable=False)
    to_memory_id = Column(Id, ForeignKey(Memory.memory_id, ondelete="CASCADE"), nullable=False)
    relation_type = Column(Text, nullable=False)
    strength = Column(Double, nullable=False, server_default=text("1.0"))
    details = Column("metadata", Json, nullable=False, server_default=text("'{}'"))
    created_at = time(nullable=False)
    origin = relationship(Memory, foreign_keys=[from_memory_id], back_populates="outgoing")
    target = relationship(Memory, foreign_keys=[to_memory_id], back_populates="incoming")


class ConsolidationTask(Base):
    __tablename__ = "consolidation_tasks"
    __table_args__ = (CheckConstraint("status IN ('open', 'in_progress', 'blocked', 'closed')"),
                      CheckConstraint("priority BETWEEN 1 AND 3"), CheckConstraint("retry_count <= 3"))
    task_id = Column(Text, primary_key=True)
    title = Column(Text, nullable=False)
    notes = Column(Json, nullable=False)
    labels = Column(ARRAY(Text), nullable=False)
    status = Column(Text, nullable=False)
    priority = Column(Integer, nullable=False)
    retry_count = count()
    error = Column(Text)
    created_at = time(nullable=False)
    updated_at = time(nullable=False)
    closed_at = time()
    results = relationship("AgentResult", back_populates="task", passive_deletes=True)


class AgentResult(Base):
    __tablename__ = "agent_results"
    __table_args__ = (CheckConstraint("agent IN ('decay', 'cluster', 'merge', 'promote', 'relations')"),
                      CheckConstraint("confidence >= 0 AND confidence <= 1"),
                      CheckConstraint("decision IN ('auto', 'log', 'wait')"))
    result_id = Column(Id, primary_key=True)
    agent = Column(Text, nullable=False)
    task_id = Column(Text, ForeignKey(ConsolidationTask.task_id, ondelete="SET NULL"))
    confidence = Column(Double)
    decision = Column(Text)
    result = Column(Json, nullable=False)
    created_at = time(nullable=False)
    task = relationship(ConsolidationTask, back_populates="results")
