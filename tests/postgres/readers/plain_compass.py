"""compass by plain SQL: what an agent that works through tasks asks."""

import uuid
from decimal import Decimal

import records
import world
from cases import SchemaCase, instant, same_ids

TASK = "SELECT task_id FROM task_contexts WHERE task_goal = 'Lay the keel'"


class Compass(SchemaCase):
    schema = "compass"

    def test_a_task_has_its_stages_with_their_raw_memories(self):
        rows = self.rows(
            "SELECT s.*, s.stage_type::text AS type, array_agg(m.memory_id) FILTER (WHERE m.memory_id IS NOT NULL) AS raw"
            "  FROM stage_memories AS s"
            "  LEFT JOIN LATERAL jsonb_array_elements_text(raw_memory_refs) AS ref ON true"
            "  LEFT JOIN memories AS m ON m.memory_id = ref::uuid"
            " WHERE s.task_id = (" + TASK + ") GROUP BY s.stage_id ORDER BY s.created_at")
        stages = [each for each in self.store.records("stage", records.TENANT) if each["task_id"] == "task 1"]
        stages.sort(key=lambda stage: stage["created_at"])
        self.assertEqual([row["type"] for row in rows], ["planning", "execution", "verification"])
        for row, stage in zip(rows, stages):
            self.assertEqual(row["type"], stage.get("stage_type", "planning"))
            self.assertEqual(row["stage_summary"], stage.get("summary", ""))
            self.assertEqual(row["stage_insights"], stage["insights"])
            self.assertEqual(row["raw_memory_refs"], stage.get("memory_refs", []))
            self.assertEqual(sorted(row["raw"] or []), same_ids(stage.get("memory_refs", [])))
            self.assertAlmostEqual(row["relevance_score"], stage["relevance_score"], places=6)
            self.assertEqual((row["compression_ratio"], row["compression_model"]), (9.75, "extractive"))
            self.assertEqual(row["quality_metrics"], stage["quality_metrics"])
            for name in ("created_at", "updated_at", "completed_at"):
                self.assertEqual(row[name], instant(stage.get(name)), name)

    def test_a_task_names_its_current_stage_and_its_constraints(self):
        rows = self.rows("SELECT task_goal, task_progress_summary, critical_constraints, performance_metrics,"
                         "       stage_type::text, c.created_at, c.updated_at FROM task_contexts AS c"
                         "  LEFT JOIN stage_memories AS s ON current_stage_id = stage_id ORDER BY task_goal")
        stages = {each["stage_id"]: each for each in self.store.records("stage", records.TENANT)}
        tasks = sorted(self.store.records("task", records.TENANT), key=lambda task: task["goal"])
        self.assertEqual([dict(row) for row in rows], [{
            "task_goal": task["goal"], "task_progress_summary": task["progress_summary"],
            "critical_constraints": task["critical_constraints"], "performance_metrics": task["performance_metrics"],
            "stage_type": stages[task["current_stage_id"]].get("stage_type", "planning"),
            "created_at": instant(task["created_at"]), "updated_at": instant(task["updated_at"])} for task in tasks])

    def test_memories_of_a_stage_are_read_with_what_came_of_them(self):
        rows = self.rows(
            "SELECT memory_id, memory_layer::text, content, summary, entities, facts, keywords, actions, outcome,"
            "       success, is_critical, criticality_reason, access_count, last_accessed, parent_memory_id,"
            "       round(relevance_score::numeric, 5)::float AS relevance_score, timestamp, created_at"
            "  FROM memories WHERE stage_id IN (SELECT stage_id FROM stage_memories WHERE task_id = (" + TASK + "))")
        memories = [each for each in self.store.memories(records.TENANT) if each.get("stage_id", "")[:7] == "stage 1"]
        self.assertGreater(len(memories), 5)
        self.assertEqual({row["memory_id"]: dict(row) for row in rows}, {
            uuid.UUID(each["id"]): {
                "memory_id": uuid.UUID(each["id"]), "memory_layer": each.get("layer", "episodic"),
                "content": each["text"], "summary": each["summary"], "entities": each["entities"],
                "facts": each.get("facts", []), "keywords": each["keywords"], "actions": each["actions"],
                "outcome": each.get("outcome"), "success": each.get("success"), "is_critical": each.get("is_critical", False),
                "criticality_reason": each.get("criticality_reason"), "access_count": each.get("use_count", 0),
                "last_accessed": instant(each["last_used"]), "parent_memory_id": None,
                "relevance_score": round(each.get("relevance_score", 1), 5), "timestamp": instant(each["created_at"]),
                "created_at": instant(each["created_at"])} for each in memories})

    def test_names_behind_the_uuids_are_joined(self):
        rows = self.rows(
            "SELECT memory_id, agent.name AS agent, person.name AS person, session.name AS session, task.name AS task"
            "  FROM memories AS m %s WHERE session_id IS NOT NULL" % " ".join(
                "LEFT JOIN tulving.sync_names AS {0} ON {0}.schema_name = 'compass' AND {0}.id = m.{1}".format(*pair)
                for pair in (("agent", "agent_id"), ("person", "user_id"), ("session", "session_id"), ("task", "task_id"))))
        told = [each for each in self.everywhere(self.store.memories) if each.get("session_id")]
        self.assertEqual({row["memory_id"]: dict(row) for row in rows}, {
            uuid.UUID(each["id"]): {
                "memory_id": uuid.UUID(each["id"]), "agent": each.get("agent_id"), "person": each.get("user_id"),
                "session": each["session_id"], "task": each.get("task_id")} for each in told})

    def test_what_must_never_be_dropped_is_found(self):
        rows = self.column("SELECT memory_id FROM memories WHERE is_critical AND criticality_reason = 'safety'")
        critical = [each["id"] for each in self.store.memories(records.TENANT, is_critical=True)
                    if each["criticality_reason"] == "safety"]
        self.assertGreater(len(critical), 3)
        self.assertEqual(sorted(rows), same_ids(critical))

    def test_related_memories_are_those_of_relations_either_way(self):
        related = {}
        for each in self.everywhere(lambda tenant: self.store.records("relation", tenant)):
            for one, other in (("source_id", "target_id"), ("target_id", "source_id")):
                related.setdefault(uuid.UUID(each[one]), set()).add(uuid.UUID(each[other]))
        rows = self.rows("SELECT memory_id, related_memory_ids FROM memories WHERE cardinality(related_memory_ids) > 0")
        self.assertEqual({row["memory_id"]: set(row["related_memory_ids"]) for row in rows}, related)
        (known,) = self.column("SELECT array_agg(other.content) FROM memories AS m JOIN memories AS other"
                               "  ON other.memory_id = ANY (m.related_memory_ids) WHERE m.memory_id = %s",
                               records.identity("keel/lesson 2.1"))
        self.assertIn("Plank 1 of row 1 wants 2 hours of steam before it bends.", known)

    def test_errors_of_a_task_are_read_by_their_gravity(self):
        rows = self.rows("SELECT error_type::text, error_description, context_when_occurred, recovery_action,"
                         "       error_severity, recorded_at, stage_id IS NOT NULL AS has_stage"
                         "  FROM error_records WHERE task_id = (" + TASK + ") ORDER BY error_severity DESC")
        errors = [each for each in self.store.records("error_record", records.TENANT) if each["task_id"] == "task 1"]
        self.assertEqual([dict(row) for row in rows], [{
            "error_type": each.get("error_type", "hallucination"), "error_description": each["description"],
            "context_when_occurred": each["context"], "recovery_action": each["recovery_action"],
            "error_severity": each.get("severity", 0), "recorded_at": instant(each["recorded_at"]),
            "has_stage": "stage_id" in each} for each in sorted(errors, key=lambda each: -each.get("severity", 0))])
        self.assertEqual(len(rows), 2)

    def test_compression_is_paid_for_by_task_and_model(self):
        rows = self.rows("SELECT task_goal, sum(cost_usd) AS cost, sum(input_tokens) AS took, sum(output_tokens) AS gave,"
                         "       avg(critical_fact_retention_rate) AS kept, model_used FROM compression_metrics"
                         "  LEFT JOIN task_contexts USING (task_id) GROUP BY task_goal, model_used ORDER BY cost")
        metrics = self.store.records("compression_metric", records.TENANT)
        cost = {task: sum(Decimal(str(each.get("cost_usd", 0))) for each in metrics if each.get("task_id") == task)
                for task in (None, "task 1")}
        self.assertEqual([dict(row) for row in rows], [
            {"task_goal": None, "cost": cost[None], "took": 1000, "gave": 100, "kept": None, "model_used": "extractive"},
            {"task_goal": "Lay the keel", "cost": cost["task 1"], "took": 2003, "gave": 200, "kept": 0.96875,
             "model_used": "extractive"}])
        self.assertEqual([row["cost"] for row in rows], [Decimal("0.0042"), Decimal("12.5")])

    def test_nearest_neighbours_are_those_of_a_search(self):
        for question in world.questions():
            vector = world.written(question)
            rows = self.rows("SELECT memory_id, embedding <=> %s::vector AS distance FROM memories"
                             " WHERE embedding IS NOT NULL ORDER BY embedding <=> %s::vector LIMIT 10", vector, vector)
            hits = self.nearest_of_all(question, 10, "--include-archived", "--include-deleted", "--include-expired")
            self.assert_same_nearest(rows, hits, lambda hit: hit["id"])
