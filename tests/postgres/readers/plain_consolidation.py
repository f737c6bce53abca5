"""consolidation by plain SQL: what the consolidation service asks."""

import json
import uuid

import records
import world
from cases import SchemaCase, instant, same_ids


class Consolidation(SchemaCase):
    schema = "consolidation"

    def project(self):
        """The UUID that stands for the caller's own name of the project."""
        return self.column("SELECT id FROM projects WHERE name = 'The boatyard'")[0]

    def of_tasks(self):
        return [memory for memory in self.store.memories(records.TENANT)
                if memory.get("task_id") and not memory.get("abstraction_level")]

    def test_a_project_has_its_unconsolidated_task_memories(self):
        rows = self.rows(
            "SELECT m.id, title, execution_summary, memory_type, goal, result, feedback, tool_usage, success,"
            "       error_patterns, learned_at, reused_count"
            "  FROM task_memories AS m JOIN tasks ON task_id = tasks.id"
            " WHERE project_id = %s AND NOT is_consolidated ORDER BY learned_at", self.project())
        titles = {task["task_id"]: task["title"] for task in self.store.records("task", records.TENANT)}
        left = sorted((memory for memory in self.of_tasks()
                       if memory.get("project_id") == records.PROJECT and not memory.get("consolidated_into_id")),
                      key=lambda memory: memory["created_at"])
        self.assertGreater(len(left), 2)
        self.assertEqual([dict(row) for row in rows], [{
            "id": uuid.UUID(memory["id"]), "title": titles[memory["task_id"]], "execution_summary": memory["summary"],
            "memory_type": memory["memory_type"], "goal": memory["goal"], "result": memory["result"],
            "feedback": memory["feedback"], "tool_usage": memory["tool_usage"], "success": memory["success"],
            "error_patterns": memory.get("error_patterns"), "learned_at": instant(memory["created_at"]),
            "reused_count": memory["reuse_count"]} for memory in left])

    def test_what_was_consolidated_leads_to_its_merge(self):
        rows = self.rows("SELECT m.id, c.id AS merge, m.id = ANY (c.source_memory_ids) AS is_source, source_count,"
                         "       cardinality(c.source_memory_ids) AS sources, abstraction_level"
                         "  FROM task_memories AS m JOIN consolidated_memories AS c ON consolidated_into_id = c.id"
                         " WHERE is_consolidated")
        merged = {uuid.UUID(memory["id"]): uuid.UUID(memory["consolidated_into_id"])
                  for memory in self.of_tasks() if memory.get("consolidated_into_id")}
        self.assertGreater(len(merged), 7)
        self.assertEqual({row["id"]: row["merge"] for row in rows}, merged)
        for row in rows:
            self.assertTrue(row["is_source"])
            self.assertEqual((row["source_count"], row["abstraction_level"]), (row["sources"], 1))

    def test_merges_patterns_and_principles_are_read_by_level(self):
        for level in (1, 2, 3):
            rows = self.rows("SELECT * FROM consolidated_memories WHERE project_id = %s AND abstraction_level = %s",
                             self.project(), level)
            made = {uuid.UUID(memory["id"]): memory
                    for memory in self.store.memories(records.TENANT, abstraction_level=level)}
            self.assertGreater(len(made), 0, level)
            self.assertEqual({row["id"] for row in rows}, set(made))
            for row in rows:
                memory = made[row["id"]]
                self.assertEqual(row["content"], memory["text"])
                self.assertEqual(row["memory_type"], memory["memory_type"])
                self.assertEqual(row["pattern_type"], memory.get("pattern_type"))
                self.assertAlmostEqual(row["confidence_score"], memory["confidence_score"], places=6)
                self.assertEqual(row["source_memory_ids"], [uuid.UUID(each) for each in memory["source_memory_ids"]])
                self.assertEqual(row["tags"], memory.get("tags", []))
                self.assertEqual(row["consolidation_method"], memory.get("consolidation_method"))
                self.assertEqual(row["consolidated_at"], instant(memory["consolidated_at"]))

    def test_sources_of_a_principle_are_found_down_to_the_task_memories(self):
        (principle,) = self.store.memories(records.TENANT, abstraction_level=3)
        rows = self.column(
            "WITH RECURSIVE below AS (SELECT unnest(source_memory_ids) AS id FROM consolidated_memories WHERE id = %s"
            " UNION SELECT unnest(c.source_memory_ids) FROM below JOIN consolidated_memories AS c USING (id))"
            " SELECT id FROM below JOIN task_memories USING (id)", principle["id"])
        lineage = self.store.ask("lineage", "--tenant", records.TENANT, principle["id"])
        known = {memory["id"] for memory in self.of_tasks()}
        below = {text for text in all_texts(lineage) if text in known}
        self.assertGreater(len(below), 5)
        self.assertEqual(sorted(rows), same_ids(below))

    def test_words_are_found_in_the_generated_column(self):
        rows = self.column("SELECT id FROM consolidated_memories"
                           " WHERE content_tsv @@ websearch_to_tsquery('english', 'bending planks -slipway')")
        self.assertGreater(len(rows), 3)
        self.assertIn("idx_cm_content_tsv", self.without_scans(
            "SELECT id FROM consolidated_memories WHERE content_tsv @@ to_tsquery('plank')"))
        tagged = "SELECT id FROM consolidated_memories WHERE tags @> ARRAY['wood']"
        self.assertIn("idx_cm_tags", self.without_scans(tagged))
        self.assertEqual(sorted(self.column(tagged)), same_ids(
            memory["id"] for memory in self.store.memories(records.TENANT)
            if memory.get("abstraction_level") and "wood" in memory.get("tags", [])))

    def without_scans(self, statement, *values):
        self.rows("SET LOCAL enable_seqscan = off; SELECT 1 AS one")
        return self.plan_of(statement, *values)

    def test_nearest_consolidated_memories_by_the_vector_index(self):
        nearest = ("SELECT id AS memory_id, embedding <=> %s::vector AS distance FROM consolidated_memories"
                   " ORDER BY embedding <=> %s::vector LIMIT 3")
        made = json.dumps({"and": [{"abstraction_level": {"gte": 1}}, {"project_id": records.PROJECT}]})
        for center in ("group 1", "group 4"):
            question = records.near(center, 0.2, "asked", len(world.questions()[0]))
            vector = world.written(question)
            self.assertIn("idx_cm_embedding", self.without_scans(nearest, vector, vector))
            hits = self.store.nearest(records.TENANT, question, 3, "--filter", made)
            self.assert_same_nearest(self.rows(nearest, vector, vector), hits, lambda hit: hit["id"])

    def test_jobs_tell_of_their_progress(self):
        rows = self.rows("SELECT name, status, trigger_type, triggered_by, phases_completed, metrics, scope,"
                         "       duration_seconds, error_message, retry_count, max_retries, started_at, completed_at"
                         "  FROM consolidation_jobs AS j JOIN projects ON project_id = projects.id ORDER BY j.created_at")
        jobs = sorted(self.store.ask("jobs", "--tenant", records.TENANT)["jobs"], key=lambda job: job["created_at"])
        self.assertEqual([row["status"] for row in rows], ["failed", "completed"])
        for row, job in zip(rows, jobs):
            for name, member in (("status", "status"), ("trigger_type", "trigger"), ("triggered_by", "triggered_by"),
                                 ("retry_count", "retry_count"), ("max_retries", "retries_max")):
                self.assertEqual(row[name], job[member], name)
            self.assertEqual(row["phases_completed"] or [], job["phases_completed"])
            self.assertLessEqual(job["metrics"].items(), row["metrics"].items())
            self.assertEqual(row["metrics"]["progress"], job["progress"])
            self.assertEqual(row["metrics"].get("plan_ids", []), job["plan_ids"])
            self.assertEqual(row["scope"]["unconsolidated_only"], job["scope"]["unconsolidated_only"])
            self.assertEqual(row["scope"].get("memory_types", []), job["scope"]["memory_types"])
            self.assertEqual(row["started_at"], instant(job["started_at"]))
            taken = instant(job["completed_at"]) - instant(job["started_at"])
            self.assertEqual(row["duration_seconds"], int(taken.total_seconds()))
            self.assertEqual(row["error_message"], "\n".join(job["errors"]) or None)
        self.assertEqual(rows[0]["duration_seconds"], 90)
        self.assertEqual(rows[1]["phases_completed"], ["pattern_extraction", "memory_merging", "hierarchy_creation"])


def all_texts(value):
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from all_texts(each)
