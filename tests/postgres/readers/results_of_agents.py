"""Every row of cortex.agent_results, and the notes of every task, against the fields that Cortex's own readers know."""

import os
import uuid

import world
from cases import SchemaCase, instant


def is_uuid(value):
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value
    except ValueError:
        return False


def is_share(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def is_text(value):
    return isinstance(value, str) and value != ""


def is_boolean(value):
    return isinstance(value, bool)


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text_or_null(value):
    return value is None or is_text(value)


def one_of(*words):
    return lambda value: isinstance(value, str) and value in words


def list_of(is_one, least):
    return lambda value: (isinstance(value, list) and len(value) >= least and all(map(is_one, value))
                          and len(set(value)) == len(value))


FIELDS = {
    "decay": {
        "memory_id": is_uuid,
        "score": is_share,
        "urgency": one_of("high", "medium", "low"),
        "action": one_of("reinforce", "consolidate", "promote", "gc"),
    },
    "cluster": {
        "cluster_id": is_uuid,
        "memory_ids": list_of(is_uuid, 2),
        "cohesion": is_share,
        "action": one_of("merge", "link", "ignore"),
        "confidence": is_share,
    },
    "merge": {
        "new_memory_id": is_uuid,
        "source_ids": list_of(is_uuid, 2),
        "relation_ids": list_of(is_uuid, 0),
        "content_diff": is_text,
        "entities_preserved": is_count,
        "success": is_boolean,
    },
    "promote": {
        "memory_id": is_uuid,
        "vault_path": is_text_or_null,
        "criteria_met": list_of(one_of("score_threshold", "use_count_threshold", "review_count_threshold"), 1),
        "success": is_boolean,
    },
    "relations": {
        "from_memory_id": is_uuid,
        "to_memory_id": is_uuid,
        "relation_id": is_uuid,
        "strength": is_share,
        "reasoning": is_text,
        "shared_entities": list_of(is_text, 0),
        "confidence": is_share,
    },
}


def mistakes(agent, result):
    """What an agent's result lacks, or has otherwise than its readers expect."""
    expected = dict(FIELDS[agent], beads_issue_id=is_text_or_null)
    found = ["%s is missing" % name for name in expected if name not in result]
    return found + ["%s is %r" % (name, result[name]) for name, is_right in expected.items()
                    if name in result and not is_right(result[name])]


class ResultsOfAgents(SchemaCase):
    schema = "cortex"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.connection.cursor() as cursor:
            cursor.execute("SELECT memory_id::text FROM memories")
            cls.memories = {row[0] for row in cursor.fetchall()}
            cursor.execute("SELECT relation_id::text, from_memory_id::text, to_memory_id::text FROM relations")
            cls.relations = {row[0]: row[1:] for row in cursor.fetchall()}

    def of(self, agent):
        rows = self.rows("SELECT * FROM agent_results WHERE agent = %s", agent)
        self.assertGreater(len(rows), 0, "no results of %s" % agent)
        return rows

    def test_each_row_has_the_fields_of_its_agent(self):
        for agent in FIELDS:
            for row in self.of(agent):
                self.assertEqual(mistakes(agent, row["result"]), [], "%s %s" % (agent, row["result_id"]))

    def test_each_row_names_the_task_that_it_opened_or_did(self):
        tasks = set(self.column("SELECT task_id FROM consolidation_tasks"))
        rows = self.rows("SELECT task_id, result->>'beads_issue_id' AS issue FROM agent_results")
        self.assertGreater(sum(row["task_id"] is not None for row in rows), 50)
        for row in rows:
            # Without a row there, the task is yet to be opened, by a plan that is only proposed, or gone by an undo.
            self.assertEqual(row["task_id"], row["issue"] if row["issue"] in tasks else None)

    def test_a_row_is_joined_with_its_task_as_a_reader_would(self):
        rows = self.rows("SELECT agent, notes->>'agent' AS of_task, decision, notes->'memory_ids' AS memory_ids, result"
                         "  FROM agent_results JOIN consolidation_tasks USING (task_id) WHERE agent = 'decay'")
        self.assertGreater(len(rows), 50)
        for row in rows:
            self.assertIn(row["result"]["memory_id"], row["memory_ids"])

    def test_decays_are_of_memories_that_are_there(self):
        for row in self.of("decay"):
            self.assertIn(row["result"]["memory_id"], self.memories)

    def test_clusters_are_of_memories_that_are_there(self):
        for row in self.of("cluster"):
            self.assertLessEqual(set(row["result"]["memory_ids"]), self.memories)

    def test_a_merge_that_succeeded_is_there_with_its_relations(self):
        done = 0
        for row in self.of("merge"):
            result = row["result"]
            self.assertLessEqual(set(result["source_ids"]), self.memories)
            if result["success"]:
                done += 1
                self.assertIn(result["new_memory_id"], self.memories)
                self.assertEqual({self.relations[each] for each in result["relation_ids"]},
                                 {(result["new_memory_id"], each) for each in result["source_ids"]})
                entities = self.column("SELECT cardinality(entities) FROM memories WHERE memory_id = %s",
                                       result["new_memory_id"])
                self.assertEqual(entities, [result["entities_preserved"]])
            else:
                self.assertEqual(result["relation_ids"], [])
        self.assertGreater(done, 2)

    def test_a_promotion_that_succeeded_has_its_note_in_the_vault(self):
        done = 0
        for row in self.of("promote"):
            result = row["result"]
            (path,) = self.column("SELECT ltm_path FROM memories WHERE memory_id = %s", result["memory_id"])
            if result["success"]:
                done += 1
                self.assertEqual(path, result["vault_path"])
                self.assertTrue(os.path.isfile(os.path.join(world.vault("maya"), path)), path)
        self.assertGreater(done, 0)

    def test_relations_of_applied_plans_are_there_and_those_of_undone_plans_are_not(self):
        by_status = {}
        for tenant in self.store.tenants():
            for plan in self.store.plans(tenant):
                by_status.setdefault(plan["status"], []).extend(self.store.results_of_plan(tenant, plan))
        seen = {"applied": 0, "undone": 0}
        for status in seen:
            for result in (each["result"] for each in by_status[status] if each.get("agent") == "relations"):
                self.assertLessEqual({result["from_memory_id"], result["to_memory_id"]}, self.memories)
                if result["outcome"] == "planned":
                    seen[status] += 1
                    self.assertEqual(self.relations.get(result["relation_id"]), (
                        result["from_memory_id"], result["to_memory_id"]) if status == "applied" else None)
        self.assertGreater(min(seen.values()), 3, seen)

    def test_each_row_is_what_the_store_says_of_it(self):
        told = {each["result_id"]: each for each in self.everywhere(self.store.results_of_agents)}
        by_hand = told.pop("by hand")
        rows = {str(row["result_id"]): row for row in self.rows("SELECT * FROM agent_results")}
        self.assertEqual(len(rows), len(told) + 1)
        (other,) = set(rows) - set(told)  # The UUID that stands for a name that is none.
        told[other] = by_hand
        for name, row in rows.items():
            each = told[name]
            self.assertEqual(row["agent"], each.get("agent", "decay"))
            self.assertEqual(row["decision"], each.get("decision"))
            self.assertEqual(row["confidence"], each.get("confidence"))
            self.assertEqual(row["created_at"], instant(each["created_at"]))
            self.assertEqual({key: value for key, value in row["result"].items() if key in each["result"]},
                             each["result"])

    def test_notes_have_a_score_beside_each_memory(self):
        lengths = {}
        for row in self.rows("SELECT task_id, notes FROM consolidation_tasks"):
            notes, name = row["notes"], row["task_id"]
            self.assertTrue(list_of(is_uuid, 1)(notes["memory_ids"]), name)
            self.assertLessEqual(set(notes["memory_ids"]), self.memories, name)
            self.assertIn(notes["agent"], FIELDS, name)
            self.assertNotIn("score", notes, name)
            scores = notes.get("scores")
            if scores is None:
                self.assertNotEqual(notes["agent"], "decay", name)
                continue
            self.assertTrue(isinstance(scores, list) and all(map(is_share, scores)), name)
            self.assertEqual(len(scores), len(notes["memory_ids"]), name)
            lengths[len(scores)] = lengths.get(len(scores), 0) + 1
        self.assertGreater(lengths[1], 50)
        self.assertEqual(lengths[2], 1)

    def test_scores_of_the_notes_are_those_of_the_tasks(self):
        rows = {row["task_id"]: row["notes"] for row in self.rows("SELECT task_id, notes FROM consolidation_tasks")}
        for task in self.everywhere(lambda tenant: self.store.records("consolidation_task", tenant)):
            if "score" in task:
                self.assertEqual(rows[task["task_id"]]["scores"], [task["score"]])
        self.assertEqual(rows["merge-by-hand"]["scores"], [0.125, 0.25])
        self.assertEqual(rows["merge-by-hand"]["asked"], "the smith")
