"""compass, as an agent that works through tasks maps it. Tasks and sessions are named, not referred to."""

from sqlalchemy import (ARRAY, Boolean, CheckConstraint, Column, DateTime, Float, ForeignKey, Integer, Numeric, String,
                        Text, text)
from sqlalchemy.orm import relationship

from orm_base import Id, Ids, Json, Vector, base_of, label

Base = base_of("compass")
Layer = label(Base, "memorylayer", "working", "episodic", "semantic", "procedural")
StageType = label(Base, "stagetype", "planning", "execution", "reflection", "verification")
ErrorType = label(Base, "errortype", "hallucination", "missing_info", "incorrect_action", "context_degradation")
DRAWN = text("gen_random_uuid()")
Double = Float(53)


def key():
    return Column(Id, primary_key=True, server_default=DRAWN)


def time():
    return Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))


def texts():
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))


def stage_key():
    return Column(Id, ForeignKey("compass.stage_memories.stage_id", ondelete="SET NULL"))


def of_task(name):
    """All that names a task, whether or not the task has a row."""
    return relationship(name, primaryjoin="TaskContext.task_id == foreign(%s.task_id)" % name, viewonly=True)


class Stage(Base):
    __tablename__ = "stage_memories"
    stage_id = key()
    task_id = Column(Id, nullable=False)
    agent_id = Column(Id, nullable=False)
    stage_type = Column(StageType, nullable=False)
    stage_summary = Column(Text, nullable=False)
    stage_insights = texts()
    raw_memory_refs = Column(Json, nullable=False, server_default=text("'[]'"))
    relevance_score = Column(Double, nullable=False, server_default=text("1.0"))
    compression_ratio = Column(Double)
    compression_model = Column(String(100))
    quality_metrics = Column(Json)
    created_at = time()
    updated_at = time()
    completed_at = Column(DateTime(timezone=True))
    memories = relationship("Memory", back_populates="stage", passive_deletes=True)
    errors = relationship("ErrorRecord", back_populates="stage", passive_deletes=True)
    metrics = relationship("CompressionMetric", back_populates="stage", passive_deletes=True)


class TaskContext(Base):
    __tablename__ = "task_contexts"
    task_id = key()
    agent_id = Column(Id, nullable=False)
    task_goal = Column(Text, nullable=False)
    current_stage_id = stage_key()
    task_progress_summary = Column(Text)
    critical_constraints = texts()
    performance_metrics = Column(Json)
    created_at = time()
    updated_at = time()
    current_stage = relationship(Stage, foreign_keys=[current_stage_id])
    stages = of_task("Stage")
    memories = of_task("Memory")
    errors = of_task("ErrorRecord")
    metrics = of_task("CompressionMetric")


class Memory(Base):
    __tablename__ = "memories"
    __table_args__ = (CheckConstraint("agent_id IS NOT NULL OR session_id IS NOT NULL OR user_id IS NOT NULL"
                                      " OR task_id IS NOT NULL", name="memories_scope_check"),)
    memory_id = key()
    memory_layer = Column(Layer, nullable=False)
    content = Column(Text, nullable=False)
    summary = Column(Text, nullable=False)
    embedding = Column(Vector)
    agent_id = Column(Id)
    session_id = Column(Id)
    user_id = Column(Id)
    task_id = Column(Id)
    timestamp = Column(DateTime(timezone=True), nullable=False)
    entities = texts()
    facts = texts()
    keywords = texts()
    related_memory_ids = Column(Ids, nullable=False, server_default=text("'{}'"))
    parent_memory_id = Column(Id)
    relevance_score = Column(Double, nullable=False, server_default=text("1.0"))
    access_count = Column(Integer, nullable=False, server_default=text("0"))
    last_accessed = Column(DateTime(timezone=True))
    stage_id = stage_key()
    is_critical = Column(Boolean, nullable=False, server_default=text("false"))
    criticality_reason = Column(Text)
    actions = texts()
    outcome = Column(Text)
    success = Column(Boolean)
    created_at = time()
    stage = relationship(Stage, back_populates="memories")
    parent = relationship("Memory", primaryjoin="remote(Memory.memory_id) == foreign(Memory.parent_memory_id)",
                          viewonly=True)


class ErrorRecord(Base):
    __tablename__ = "error_records"
    __table_args__ = (CheckConstraint("error_severity >= 0.0 AND error_severity <= 1.0", name="error_severity_range"),)
    error_id = key()
    task_id = Column(Id, nullable=False)
    stage_id = stage_key()
    agent_id = Column(Id, nullable=False)
    error_type = Column(ErrorType, nullable=False)
    error_description = Column(Text, nullable=False)
    context_when_occurred = Column(Text)
    recovery_action = Column(Text)
    error_severity = Column(Double, nullable=False)
    recorded_at = time()
    stage = relationship(Stage, back_populates="errors")


class CompressionMetric(Base):
    __tablename__ = "compression_metrics"
    metric_id = key()
    stage_id = stage_key()
    task_id = Column(Id)
    compression_type = Column(String(50), nullable=False)
    input_tokens = Column(Integer, nullable=False)
    output_tokens = Column(Integer, nullable=False)
    compression_ratio = Column(Double, nullable=False)
    critical_fact_retention_rate = Column(Double)
    coherence_score = Column(Double)
    cost_usd = Column(Numeric(10, 4), nullable=False)
    model_used = Column(String(100), nullable=False)
    recorded_at = time()
    stage = relationship(Stage, back_populates="metrics")
