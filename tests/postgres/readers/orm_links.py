"""What SQLAlchemy's relationships lead to, against what the store says."""

import uuid
from decimal import Decimal

from sqlalchemy import text

import orm_compass as compass
import orm_consolidation as consolidation
import orm_cortex as cortex
import orm_guild as guild
import orm_orchestrator as orchestrator
import records
import world
from cases import same_ids, shown_name
from orm_cases import OrmCase


class OrmLinks(OrmCase):
    def test_a_session_leads_to_its_memories_and_they_to_tags_vectors_and_links(self):
        session = self.session.get(orchestrator.Session, "keel/s1")
        self.assertEqual((session.user_id, session.details), ("ada", {"weather": "rain", "tide": 1}))
        told = {shown_name(each): each for each in self.store.memories(records.TENANT, session_id="keel/s1")}
        self.assertEqual({memory.memory_id for memory in session.memories}, set(told))
        for memory in session.memories:
            record = told[memory.memory_id]
            self.assertEqual({tag.tag for tag in memory.tags}, set(record.get("tags", [])))
            (embedding,) = memory.embeddings
            known = self.store.ask("get", "--tenant", records.TENANT, "--with-embeddings", record["id"])
            for stored, read in zip(known["embedding"], embedding.embedding):
                self.assertAlmostEqual(stored, read, places=6)
            self.assertEqual(memory.text_content, record["text"])
            self.assertIs(memory.session, session)

    def test_a_memory_leads_to_its_links_and_accesses(self):
        memory = self.session.get(orchestrator.MemoryEntry, "keel/lesson 1.1")
        links = {link.relationship_type: link.target.text_content for link in memory.links}
        self.assertEqual(links["warps like"], "Plank 1 of row 2 wants 3 hours of steam before it bends.")
        self.assertEqual(sorted(each.operation for each in memory.accesses), ["read", "search", "update"])
        self.assertEqual({each.session.session_id for each in memory.accesses}, {"keel/s1"})
        (state,) = self.session.get(orchestrator.Session, "keel/s2").states
        self.assertEqual(state.state_data, {"notes": "half the planks", "step": 3})

    def test_nearest_by_an_expression_of_the_application(self):
        self.session.execute(text("SET LOCAL ivfflat.probes = 100"))  # All lists: exact.
        question = world.questions()[0]
        distance = orchestrator.VectorEmbedding.embedding.cosine_distance(question)
        statement = orchestrator.VectorEmbedding.__table__.select().order_by(distance).limit(1)
        nearest = self.session.execute(statement).one()
        hits = [hit for tenant in self.store.tenants() for hit in self.store.nearest(
            tenant, question, 1, "--include-archived", "--include-deleted", "--include-expired")]
        self.assertEqual(nearest.memory_id, shown_name(max(hits, key=lambda hit: hit["score"])))

    def test_guilds_memories_lead_to_related_ones_and_vectors(self):
        memory = self.session.get(guild.MemoryRecord, uuid.UUID(records.identity("keel/lesson 1.1")))
        self.assertGreaterEqual({link.relationship_type for link in memory.links},
                                {"supports", "contradicts", "related"})
        self.assertEqual({id(each) for each in memory.related}, {id(link.target) for link in memory.links})
        self.assertEqual([each.embedding_model for each in memory.embeddings], ["default"])
        self.assertEqual({each.tenant_id for each in memory.related}, {records.TENANT})

    def test_a_project_leads_to_jobs_tasks_and_memories(self):
        project = self.one(consolidation.Project, consolidation.Project.name == "The boatyard")
        jobs = self.store.ask("jobs", "--tenant", records.TENANT, "--project", records.PROJECT)["jobs"]
        self.assertEqual([job.id for job in project.jobs], [uuid.UUID(job["id"]) for job in jobs])
        self.assertEqual(project.jobs[0].metrics["principles_created"], 1)
        self.assertEqual({task.title for task in project.tasks}, {"Lay the keel, soon", "Caulk the hull, soon"})
        told = self.store.memories(records.TENANT, project_id=records.PROJECT)
        raw = [each for each in told if not each.get("abstraction_level")]
        self.assertEqual(sorted(memory.id for task in project.tasks for memory in task.memories),
                         same_ids(each["id"] for each in raw))
        self.assertEqual(sorted(each.id for each in project.consolidated),
                         same_ids(each["id"] for each in told if each.get("abstraction_level")))
        for made in project.consolidated:
            self.assertEqual(sorted(each.id for each in made.originals),
                             same_ids(each["id"] for each in raw if each.get("consolidated_into_id") == str(made.id)))
            self.assertEqual(len(made.embedding), 512)

    def test_a_task_leads_to_stages_memories_errors_and_metrics(self):
        task = self.one(compass.TaskContext, compass.TaskContext.task_goal == "Lay the keel")
        self.assertEqual({stage.stage_type for stage in task.stages}, {"planning", "execution", "verification"})
        self.assertEqual(task.current_stage.stage_summary, "Stage 1 is done.")
        self.assertEqual(sorted(each.memory_id for each in task.memories),
                         same_ids(each["id"] for each in self.store.memories(records.TENANT, task_id="task 1")))
        self.assertEqual({each.error_type for each in task.errors}, {"hallucination", "incorrect_action"})
        self.assertEqual(sum(each.cost_usd for each in task.metrics), Decimal("12.5"))
        stage = task.current_stage
        self.assertEqual(sorted(each.memory_id for each in stage.memories),
                         same_ids(each["id"] for each in self.store.memories(records.TENANT, stage_id="stage 1.1")))
        self.assertEqual([each.error_type for each in stage.errors], ["hallucination"])
        self.assertEqual([each.cost_usd for each in stage.metrics], [Decimal("0.0042")])

    def test_a_memory_of_compass_leads_to_the_one_that_it_follows(self):
        told = self.one(compass.Memory, compass.Memory.content == "Where is the adze?")
        self.assertEqual(told.parent.content, "A bell rings at seven.")

    def test_cortex_leads_from_merges_to_originals_and_from_tasks_to_results(self):
        told = {uuid.UUID(each["id"]): each for each in self.memories() if each.get("abstraction_level")}
        for memory in self.all(cortex.Memory, cortex.Memory.memory_id.in_(told)):
            originals = [each.target for each in memory.outgoing if each.relation_type == "consolidated_from"]
            self.assertEqual(sorted(each.memory_id for each in originals),
                             same_ids(told[memory.memory_id]["source_memory_ids"]))
        task = self.session.get(cortex.ConsolidationTask, "merge-by-hand")
        self.assertEqual([each.agent for each in task.results], ["decay"])
        self.assertEqual(task.notes["scores"], [0.125, 0.25])
        self.assertEqual(task.labels, ["consolidation:merge", "urgency:low", "by hand"])
        self.assertGreater(len(self.all(cortex.ConsolidationTask, cortex.ConsolidationTask.results.any())), 100)
