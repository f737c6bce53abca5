"""consolidation, as the service that consolidates task memories maps it."""

from sqlalchemy import (ARRAY, Boolean, CheckConstraint, Column, Computed, DateTime, Float, ForeignKey, Integer, REAL,
                        String, Text, text)
from sqlalchemy.orm import relationship

from orm_base import Id, Ids, Json, TextVector, Vector, base_of

Base = base_of("consolidation")
DRAWN = text("gen_random_uuid()")
OBJECT = text("'{}'")
TYPES = "'error_fix', 'discovery', 'decision', 'learning', 'warning', 'codebase_knowledge'"


def time(**options):
    return Column(DateTime(timezone=True), nullable=False, server_default=text("now()"), **options)


def project_key(**options):
    return Column(Id, ForeignKey("consolidation.projects.id", ondelete="CASCADE"), **options)


class Project(Base):
    __tablename__ = "projects"
    id = Column(Id, primary_key=True)
    name = Column(Text, nullable=False)
    created_at = time()
    tasks = relationship("Task", back_populates="project", passive_deletes=True)
    jobs = relationship("Job", back_populates="project", order_by="Job.created_at", cascade="all, delete-orphan",
                        passive_deletes=True)
    consolidated = relationship("ConsolidatedMemory", back_populates="project", cascade="all, delete-orphan",
                                passive_deletes=True)


class Task(Base):
    __tablename__ = "tasks"
    id = Column(Id, primary_key=True)
    project_id = project_key()
    title = Column(Text)
    created_at = time()
    project = relationship(Project, back_populates="tasks")
    memories = relationship("TaskMemory", back_populates="task", cascade="all, delete-orphan", passive_deletes=True)


class ConsolidatedMemory(Base):
    __tablename__ = "consolidated_memories"
    __table_args__ = (
        CheckConstraint("abstraction_level IN (1, 2, 3)", name="consolidated_memories_abstraction_check"),
        CheckConstraint("memory_type IN (%s)" % TYPES, name="consolidated_memories_type_check"),
        CheckConstraint("confidence_score >= 0 AND confidence_score <= 1",
                        name="consolidated_memories_confidence_check"))
    id = Column(Id, primary_key=True, server_default=DRAWN)
    project_id = project_key(nullable=False)
    content = Column(Text, nullable=False)
    memory_type = Column(String(50), nullable=False)
    abstraction_level = Column(Integer, nullable=False)
    pattern_type = Column(String(50))
    confidence_score = Column(Float(53))
    source_memory_ids = Column(Ids, nullable=False)
    embedding = Column(Vector)
    content_tsv = Column(TextVector, Computed("to_tsvector('english', coalesce(content, ''))", persisted=True))
    tags = Column(ARRAY(Text))
    consolidation_method = Column(String(100))
    created_at = time()
    updated_at = time()
    consolidated_at = time()
    source_count = Column(Integer, nullable=False)
    reuse_count = Column(Integer, server_default=text("0"))
    project = relationship(Project, back_populates="consolidated")
    originals = relationship("TaskMemory", back_populates="consolidated_into", passive_deletes=True)


class Job(Base):
    __tablename__ = "consolidation_jobs"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'running', 'completed', 'failed', 'cancelled')",
                        name="consolidation_jobs_status_check"),
        CheckConstraint("trigger_type IN ('scheduled', 'manual', 'threshold')",
                        name="consolidation_jobs_trigger_check"))
    id = Column(Id, primary_key=True, server_default=DRAWN)
    project_id = project_key(nullable=False)
    status = Column(String(50), nullable=False)
    trigger_type = Column(String(50), nullable=False)
    scope = Column(Json, server_default=OBJECT)
    phases_completed = Column(ARRAY(Text))
    metrics = Column(Json, server_default=OBJECT)
    started_at = Column(DateTime(timezone=True))
    completed_at = Column(DateTime(timezone=True))
    duration_seconds = Column(Integer)
    error_message = Column(Text)
    retry_count = Column(Integer, server_default=text("0"))
    max_retries = Column(Integer, server_default=text("3"))
    created_at = time()
    triggered_by = Column(String(255))
    project = relationship(Project, back_populates="jobs")


class TaskMemory(Base):
    __tablename__ = "task_memories"
    __table_args__ = (CheckConstraint("memory_type IN (%s)" % TYPES),)
    id = Column(Id, primary_key=True, server_default=DRAWN)
    task_id = Column(Id, ForeignKey(Task.id, ondelete="CASCADE"), nullable=False)
    execution_summary = Column(Text, nullable=False)
    memory_type = Column(String(50), nullable=False)
    goal = Column(Text)
    result = Column(Text)
    feedback = Column(Text)
    tool_usage = Column(Json)
    context_embedding = Column(ARRAY(REAL))
    success = Column(Boolean, nullable=False)
    error_patterns = Column(Json)
    learned_at = Column(DateTime(timezone=True), nullable=False)
    reused_count = Column(Integer, nullable=False, server_default=text("0"))
    consolidated_into_id = Column(Id, ForeignKey(ConsolidatedMemory.id, ondelete="SET NULL"))
    is_consolidated = Column(Boolean, server_default=text("false"))
    task = relationship(Task, back_populates="memories")
    consolidated_into = relationship(ConsolidatedMemory, back_populates="originals")
