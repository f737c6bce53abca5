"""cortex by plain SQL: what agents that look after fading memories ask."""

import uuid

import records
import world
from cases import SchemaCase, instant, same_ids

# Power law: half is left after three days of a memory that was never used.
DECAY = """
    SELECT memory_id, least(1, power(use_count + 1, 0.6) * strength * power(
             1 + greatest(0, extract(epoch FROM %s::timestamptz - last_used)) / (3 * 86400 / (power(2, 1 / 1.1) - 1)),
             -1.1)) AS score
      FROM memories WHERE status = 'active' AND memory_id = ANY (%s::uuid[]) ORDER BY score"""


class Cortex(SchemaCase):
    schema = "cortex"

    def test_fading_memories_are_found_with_the_scores_that_the_store_gives(self):
        for tenant in self.store.tenants():
            told = self.store.ask("decay", "--tenant", tenant, "--at", world.LATER, "--limit", "10000")["memories"]
            shown = [memory["id"] for memory in self.store.shown(tenant) if memory.get("status", "active") == "active"]
            self.assertEqual(len(told), len(shown))
            rows = self.rows(DECAY, world.LATER, shown)
            scores = {str(row["memory_id"]): row["score"] for row in rows}
            self.assertEqual(set(scores), {each["id"] for each in told})
            for each in told:
                self.assertAlmostEqual(scores[each["id"]], min(1, each["score"]), places=5)
            urgent = [str(row["memory_id"]) for row in rows if row["score"] < 0.0999]
            self.assertLessEqual(set(urgent), {each["id"] for each in told if each["score"] < 0.10})

    def test_each_memory_stands_as_the_store_has_it(self):
        rows = self.rows("SELECT memory_id, content, tags, entities, status, strength, use_count, review_count,"
                         "       created_at, last_used, promoted_at, archived_at, ltm_path FROM memories")
        memories = self.everywhere(self.store.memories)
        self.assertEqual(len({each.get("status") for each in memories}), 4)
        self.assertEqual({row["memory_id"]: dict(row, strength=round(row["strength"], 5)) for row in rows}, {
            uuid.UUID(each["id"]): {
                "memory_id": uuid.UUID(each["id"]), "content": each["text"], "tags": each.get("tags", []),
                "entities": each.get("entities", []), "status": each.get("status", "active"),
                "strength": round(each.get("strength", 1), 5), "use_count": each.get("use_count", 0),
                "review_count": each.get("review_count", 0), "created_at": instant(each["created_at"]),
                "last_used": instant(each["last_used"]), "promoted_at": instant(each.get("promoted_at")),
                "archived_at": instant(each.get("archived_at")), "ltm_path": each.get("ltm_path")}
            for each in memories})

    def test_what_a_memory_was_made_of_is_found_by_relation(self):
        rows = self.rows("SELECT from_memory_id, array_agg(to_memory_id) AS originals, array_agg(status) AS statuses"
                         "  FROM relations JOIN memories ON memory_id = to_memory_id"
                         " WHERE relation_type = 'consolidated_from' GROUP BY from_memory_id")
        made = {uuid.UUID(each["id"]): each for each in self.everywhere(self.store.memories)
                if each.get("abstraction_level")}
        self.assertEqual({row["from_memory_id"]: sorted(row["originals"]) for row in rows},
                         {id: same_ids(each["source_memory_ids"]) for id, each in made.items()})
        merges = [row for row in rows if made[row["from_memory_id"]]["abstraction_level"] == 1]
        self.assertGreater(len(merges), 4)
        self.assertEqual({status for row in merges for status in row["statuses"]}, {"archived"})

    def test_relations_are_those_of_the_store(self):
        rows = self.rows("SELECT relation_id, from_memory_id, to_memory_id, relation_type, strength, metadata, created_at"
                         "  FROM relations")
        relations = self.everywhere(lambda tenant: self.store.records("relation", tenant))
        self.assertEqual({row["relation_id"]: dict(row, strength=round(row["strength"], 5)) for row in rows}, {
            uuid.UUID(each["id"]): {
                "relation_id": uuid.UUID(each["id"]), "from_memory_id": uuid.UUID(each["source_id"]),
                "to_memory_id": uuid.UUID(each["target_id"]), "relation_type": each.get("relation_type", "related"),
                "strength": round(each.get("strength", 1), 5), "metadata": each.get("metadata", {}),
                "created_at": instant(each["created_at"])} for each in relations})

    def test_the_queue_is_read_by_label_and_priority(self):
        rows = self.column(
            "SELECT task_id FROM consolidation_tasks WHERE status = 'open' AND labels @> ARRAY['urgency:high',"
            " 'consolidation:decay'] ORDER BY priority, created_at, task_id")
        tasks = self.everywhere(lambda tenant: self.store.pages(
            "tasks", "tasks", "--tenant", tenant, "--status", "open", "--label", "urgency:high", "--agent", "decay"))
        self.assertGreater(len(rows), 50)
        self.assertEqual(sorted(rows), sorted(task["task_id"] for task in tasks))

    def test_every_task_is_the_stores(self):
        rows = self.rows("SELECT * FROM consolidation_tasks")
        tasks = {each["task_id"]: each
                 for each in self.everywhere(lambda tenant: self.store.records("consolidation_task", tenant))}
        self.assertEqual({row["task_id"] for row in rows}, set(tasks))
        for row in rows:
            task, notes = tasks[row["task_id"]], row["notes"]
            self.assertEqual(row["title"], task["title"])
            self.assertEqual((row["status"], row["priority"]), (task.get("status", "open"), task.get("priority", 2)))
            self.assertEqual(notes["memory_ids"], task["memory_ids"])
            self.assertEqual(notes["agent"], task.get("agent", "merge"))
            self.assertEqual(notes.get("action"), task.get("action"))
            self.assertEqual(notes.get("cohesion"), task.get("cohesion"))
            self.assertEqual(notes.get("confidence"), task.get("confidence"))
            self.assertEqual(row["labels"][:2], ["consolidation:" + notes["agent"],
                                                 "urgency:" + task.get("urgency", "medium")])
            for name in ("created_at", "updated_at", "closed_at"):
                self.assertEqual(row[name], instant(task.get(name)), name)
        self.assertGreater(len({row["status"] for row in rows}), 1)

    def test_nearest_neighbours_are_those_of_a_search(self):
        for question in world.questions()[:3]:
            vector = world.written(question)
            rows = self.rows("SELECT memory_id, embedding <=> %s::vector AS distance FROM memories"
                             " WHERE status IN ('active', 'promoted', 'archived') AND embedding IS NOT NULL"
                             " ORDER BY distance LIMIT 10", vector)
            hits = self.nearest_of_all(question, 10, "--include-archived", "--include-expired")
            self.assert_same_nearest(rows, hits, lambda hit: hit["id"])

    def test_what_was_promoted_lies_in_the_vault(self):
        rows = self.rows("SELECT memory_id, ltm_path, promoted_at IS NOT NULL AS is_dated FROM memories"
                         " WHERE status = 'promoted'")
        promoted = [each for each in self.everywhere(self.store.memories) if each.get("status") == "promoted"]
        self.assertGreater(len(promoted), 0)
        self.assertEqual({str(row["memory_id"]): row["ltm_path"] for row in rows},
                         {each["id"]: each["ltm_path"] for each in promoted})
        self.assertTrue(all(row["is_dated"] and row["ltm_path"].endswith(".md") for row in rows))
        self.assertEqual(self.column("SELECT 1 FROM memories WHERE memory_id = %s AND status = 'archived'",
                                     records.identity("keel/archived")), [1])
