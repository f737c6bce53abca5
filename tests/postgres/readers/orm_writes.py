"""Rows that an application writes through SQLAlchemy beside ours: defaults, constraints and cascades are as it expects.

Each test rolls back.
"""

import datetime
import uuid

import sqlalchemy
from sqlalchemy.exc import IntegrityError

import orm_compass as compass
import orm_consolidation as consolidation
import orm_cortex as cortex
import orm_guild as guild
import orm_orchestrator as orchestrator
import records
import world
from orm_cases import OrmCase

NOW = datetime.datetime(2026, 5, 1, tzinfo=datetime.timezone.utc)


class OrmWrites(OrmCase):
    def added(self, row):
        self.session.add(row)
        self.session.flush()
        self.session.refresh(row)
        return row

    def refused(self, constraint, row):
        with self.assertRaises(IntegrityError) as caught, self.session.begin_nested():
            self.session.add(row)
            self.session.flush()
        self.assertIn(constraint, str(caught.exception))

    def deleted(self, row):
        self.session.delete(row)
        self.session.flush()
        self.session.expire_all()

    def is_gone(self, row):
        key = sqlalchemy.inspect(row).identity
        self.session.expunge(row)
        return self.session.get(type(row), key) is None

    @classmethod
    def tearDownClass(cls):
        world.sync(world.uri, "--verify")  # Fails where a row differs: nothing of this has stayed.
        super().tearDownClass()

    def test_orchestrator(self):
        session = self.added(orchestrator.Session(session_id="app/s", session_type="voice"))
        self.assertFalse(session.is_archived)
        memory = self.added(orchestrator.MemoryEntry(
            memory_id="app/m", session=session, memory_type="conversation", content={"text": "Tea, please.", "n": 1},
            tags=[orchestrator.MemoryTag(tag="tea"), orchestrator.MemoryTag(tag="wishes")],
            embeddings=[orchestrator.VectorEmbedding(embedding=[1.0] * 512, embedding_model="app")]))
        self.assertEqual((memory.text_content, memory.priority, memory.is_active), ("Tea, please.", 5, True))
        self.assertGreater(memory.tags[0].tag_id, 0)
        log = self.added(orchestrator.MemoryAccessLog(memory=memory, operation="read", success=True))
        link = self.added(orchestrator.MemoryRelationship(source=memory, relationship_type="about",
                                                          target_memory_id="keel/lesson 1.1"))
        self.assertEqual(link.target.memory_type, "learning")
        self.refused("valid_priority", orchestrator.MemoryEntry(memory_id="x", memory_type="t", content={}, priority=11))
        self.refused("unique_memory_tag", orchestrator.MemoryTag(memory_id="app/m", tag="tea"))
        self.refused("unique_agent_session", orchestrator.AgentState(agent_id="smith", session_id="keel/s2", state_data={}))
        self.refused("session_id_fkey", orchestrator.AgentState(agent_id="a", session_id="none", state_data={}))
        self.deleted(session)
        self.assertTrue(self.is_gone(memory))
        self.assertEqual(self.all(orchestrator.MemoryTag, orchestrator.MemoryTag.memory_id == "app/m"), [])
        self.assertIsNone(self.session.get(orchestrator.MemoryAccessLog, log.log_id).memory_id)

    def test_guild(self):
        there = self.session.get(guild.MemoryRecord, uuid.UUID(records.identity("keel/lesson 1.1")))
        memory = self.added(guild.MemoryRecord(agent_id="app", tenant_id=records.TENANT, source_type="document",
                                               content_text="Tea.", content_hash="0" * 32))
        self.assertEqual((memory.is_deleted, memory.details), (False, {}))
        self.assertIsInstance(memory.memory_id, uuid.UUID)
        link = self.added(guild.MemoryRelationship(source=memory, target=there, relationship_type="supports"))
        self.refused("unique_content_hash", guild.MemoryRecord(
            agent_id="smith", tenant_id=records.TENANT, source_type="document", content_text=there.content_text,
            content_hash=there.content_hash))
        self.refused("no_self_reference", guild.MemoryRelationship(
            source_memory_id=memory.memory_id, target_memory_id=memory.memory_id, relationship_type="related"))
        self.refused("relationship_type_check", guild.MemoryRelationship(
            source_memory_id=there.memory_id, target_memory_id=memory.memory_id, relationship_type="likes"))
        self.refused("source_name", guild.DataSource(source_name="tide tables", source_type="api"))
        self.deleted(memory)
        self.assertTrue(self.is_gone(link))

    def test_consolidation(self):
        project = self.added(consolidation.Project(id=uuid.uuid4(), name="The app's"))
        task = self.added(consolidation.Task(id=uuid.uuid4(), project=project, title="Brew"))
        made = self.added(consolidation.ConsolidatedMemory(
            project=project, content="Planks bend when steamed.", memory_type="learning", abstraction_level=2,
            source_memory_ids=[uuid.uuid4()], source_count=1, embedding=[0.5] * 512, tags=["app"]))
        self.assertEqual((made.content_tsv, made.reuse_count), ("'bend':2 'plank':1 'steam':4", 0))
        memory = self.added(consolidation.TaskMemory(
            task=task, execution_summary="Brewed.", memory_type="learning", success=True, learned_at=NOW,
            consolidated_into=made, context_embedding=[0.5, 1.5]))
        self.assertEqual((memory.is_consolidated, memory.context_embedding), (False, [0.5, 1.5]))
        job = self.added(consolidation.Job(project=project, status="pending", trigger_type="manual"))
        self.assertEqual((job.metrics, job.max_retries), ({}, 3))
        self.refused("consolidated_memories_abstraction_check", consolidation.ConsolidatedMemory(
            project_id=project.id, content="", memory_type="learning", abstraction_level=4, source_memory_ids=[],
            source_count=0))
        self.refused("consolidation_jobs_status_check", consolidation.Job(
            project_id=project.id, status="asleep", trigger_type="manual"))
        self.deleted(made)
        self.assertIsNone(self.session.get(consolidation.TaskMemory, memory.id).consolidated_into_id)
        self.deleted(task)
        self.assertTrue(self.is_gone(memory))

    def test_compass(self):
        stage = self.added(compass.Stage(task_id=uuid.uuid4(), agent_id=uuid.uuid4(), stage_type="reflection",
                                         stage_summary="Thought."))
        self.assertEqual((stage.stage_insights, stage.raw_memory_refs, stage.relevance_score), ([], [], 1.0))
        memory = self.added(compass.Memory(memory_layer="working", content="Tea.", summary="Tea.", timestamp=NOW,
                                           task_id=stage.task_id, stage=stage, related_memory_ids=[uuid.uuid4()]))
        self.assertEqual((memory.access_count, memory.is_critical, memory.actions), (0, False, []))
        self.refused("memories_scope_check", compass.Memory(memory_layer="working", content="", summary="",
                                                            timestamp=NOW))
        self.refused("error_severity_range", compass.ErrorRecord(
            task_id=stage.task_id, agent_id=stage.agent_id, error_type="missing_info", error_description="?",
            error_severity=1.5))
        self.deleted(stage)
        self.assertIsNone(self.session.get(compass.Memory, memory.memory_id).stage_id)

    def test_cortex(self):
        there = uuid.UUID(records.identity("keel/lesson 1.1"))
        memory = self.added(cortex.Memory(memory_id=uuid.uuid4(), content="Tea.", created_at=NOW, last_used=NOW))
        self.assertEqual((memory.status, memory.strength, memory.tags, memory.use_count), ("active", 1.0, [], 0))
        link = self.added(cortex.Relation(relation_id=uuid.uuid4(), origin=memory, to_memory_id=there,
                                          relation_type="related", created_at=NOW))
        result = self.added(cortex.AgentResult(result_id=uuid.uuid4(), agent="merge", task_id="merge-by-hand",
                                               result={"success": False}, created_at=NOW))
        self.refused("relations_from_memory_id_to_memory_id_relation_type_key", cortex.Relation(
            relation_id=uuid.uuid4(), from_memory_id=memory.memory_id, to_memory_id=there, relation_type="related",
            created_at=NOW))
        self.refused("memories_strength_check", cortex.Memory(memory_id=uuid.uuid4(), content="", created_at=NOW,
                                                              last_used=NOW, strength=2.5))
        self.refused("agent_results_agent_check", cortex.AgentResult(result_id=uuid.uuid4(), agent="dream", result={},
                                                                     created_at=NOW))
        self.deleted(result.task)
        self.assertIsNone(self.session.get(cortex.AgentResult, result.result_id).task_id)
        self.deleted(memory)
        self.assertTrue(self.is_gone(link))
