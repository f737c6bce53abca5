"""Records of every kind, of an invented boatyard, as lines that `tulving import` takes.

They stand beside those of tools/demo, which has sessions, memories and relations alone.
"""

import hashlib
import json
import random
import uuid

TENANT = "keel"
PROJECT = "boatyard"
EXPIRED = "keel/expired"


def identity(name):
    return str(uuid.UUID(bytes=hashlib.md5(name.encode()).digest(), version=4))


def near(center, spread, name, dim):
    """A vector of its own by a named center, all of whose centers lie by one: the cosine is some 0.93 between two of
    one center with a spread of 0.3, and 0.75 between two of different ones."""
    parts = ((1, "shared"), (0.5, center), (spread, name))
    drawn = [(weight, random.Random(seed)) for weight, seed in parts]
    return [round(sum(weight * source.gauss(0, dim ** -0.5) for weight, source in drawn), 6) for _ in range(dim)]


def made(kind, **members):
    return dict(members, kind=kind, tenant_id=TENANT)


def surroundings():
    yield made("project", project_id=PROJECT, name="The boatyard", created_at="2026-03-01T08:00:00Z")
    yield made("project", project_id="sailing school", created_at="2026-03-02T08:00:00Z")
    for number, goal in ((1, "Lay the keel"), (2, "Caulk the hull"), (3, "Rig the mast")):
        yield made("task", task_id="task %d" % number, project_id=PROJECT if number < 3 else "", agent_id="smith",
                   title="%s, soon" % goal, goal=goal, current_stage_id="stage %d.1" % number,
                   progress_summary="Under way.", critical_constraints=["no nails", "dry wood, \"oak\""],
                   performance_metrics={"hours": number * 1.5}, created_at="2026-03-0%dT09:00:00Z" % number,
                   updated_at="2026-03-1%dT09:00:00Z" % number)
    for number, kind in ((1, "planning"), (2, "execution"), (3, "verification")):
        yield made("stage", stage_id="stage 1.%d" % number, task_id="task 1", agent_id="smith", stage_type=kind,
                   summary="Stage %d is done." % number if number < 3 else "", insights=["oak bends", "pine, breaks"],
                   memory_refs=[identity("keel/lesson 1.%d" % which) for which in (1, 2)] if number == 1 else [],
                   relevance_score=0.5 + number / 10, compression_ratio=9.75, compression_model="extractive",
                   quality_metrics={"coherence": 0.9}, created_at="2026-03-0%dT10:00:00.123456Z" % number,
                   updated_at="2026-03-0%dT11:00:00Z" % number,
                   completed_at="2026-03-0%dT11:00:00Z" % number if number < 3 else None)
    for number in (2, 3):
        yield made("stage", stage_id="stage %d.1" % number, task_id="task %d" % number, agent_id="smith",
                   stage_type="reflection", created_at="2026-03-05T10:00:00Z")
    for number, ended in ((1, "2026-03-01T17:00:00Z"), (2, None)):
        yield made("session", session_id="keel/s%d" % number, user_id="ada", session_type="work", ended_at=ended,
                   metadata={"weather": "rain", "tide": number}, is_archived=number == 1,
                   created_at="2026-03-0%dT08:30:00Z" % number)
    for user, theme in (("ada", "dark"), ("bo", "light")):
        yield made("user_profile", user_id=user, profile_data={"name": user.title(), "boats": ["Heron", "Gull"]},
                   preferences={"theme": theme, "units": {"length": "ft"}}, is_active=user == "ada",
                   created_at="2026-03-01T07:00:00Z", updated_at="2026-03-04T07:00:00Z")
    for name, is_active in (("tide tables", True), ("old ledger", False)):
        yield made("data_source", source_id="source of %s" % name, source_name=name, source_type="file_system",
                   source_uri="file:///srv/%s" % name.replace(" ", "-"), is_active=is_active,
                   metadata={"pages": 12}, created_at="2026-03-01T06:00:00Z",
                   last_ingestion_at="2026-03-02T06:00:00Z" if is_active else None)
        yield made("access_policy", policy_id="policy of %s" % name, policy_name=name, is_active=is_active,
                   policy_rules={"allow": [{"role": "smith", "may": ["read"]}]}, created_at="2026-03-01T06:00:00Z",
                   updated_at="2026-03-03T06:00:00Z")
    for session, words in (("keel/s2", "half the planks"), ("", "a rule for all")):
        yield made("agent_state", state_id=identity(words), agent_id="smith", session_id=session,
                   state_data={"notes": words, "step": 3}, created_at="2026-03-02T08:31:00Z",
                   updated_at="2026-03-02T09:31:00Z", expires_at="2099-01-01T00:00:00Z" if session else None)


def memory(name, center, spread, text, dim, **members):
    return made("memory", id=identity(name), external_id=name, text=text, agent_id="smith", user_id="ada",
                source_type="tool_output", embedding=near(center, spread, name, dim), **members)


def memories(dim):
    """Four groups of lessons, near enough for patterns, and in each two nearly equal ones."""
    for group in range(1, 5):
        for number in range(1, 6):
            # The last two of a group are nearly equal.
            center, spread = "group %d" % group, 0.3 if number < 4 else 0.05
            name = "keel/lesson %d.%d" % (group, number)
            yield memory(
                name, center, spread,
                "Plank %d of row %d wants %d hours of steam before it bends." % (number, group, number + group), dim,
                memory_type=("learning", "discovery", "error_fix", "warning")[group - 1], layer="procedural",
                project_id=PROJECT, session_id="keel/s%d" % (1 + group % 2), task_id="task %d" % (1 + group % 2),
                stage_id="stage %d.1" % (1 + group % 2), tags=["wood", "row %d" % group], entities=["Plank"],
                facts=["steam %d" % number], keywords=["plank", "bend"], goal="Bend it", result="Bent",
                feedback="good", outcome="It holds.", success=number != 3, actions=["steam", "bend, slowly"],
                tool_usage={"steamer": number}, error_patterns=[{"pattern": "crack"}] if number == 3 else None,
                is_critical=number == 1, criticality_reason="safety" if number == 1 else "", priority=number + 4,
                reuse_count=number, use_count=number * 2, review_count=number, relevance_score=number / 8,
                strength=1 + number / 8, created_at="2026-03-%02dT12:00:00.5Z" % (group * 5 + number),
                metadata={"row": group, "wood": {"kind": "oak"}})
    yield memory(EXPIRED, "expired", 0.1, "The crane is out of order until noon.", dim, memory_type="warning",
                 session_id="keel/s1", task_id="task 3", success=True, created_at="2026-03-03T08:00:00Z",
                 expires_at="2026-03-03T12:00:00Z", tags=["crane"])
    yield memory("keel/archived", "archived", 0.1, "The old slipway faces north.", dim, memory_type="context",
                 session_id="keel/s1", created_at="2026-03-03T08:00:00Z", status="archived",
                 archived_at="2026-03-04T08:00:00Z", tags=["slipway"])
    yield memory("keel/bare", "bare", 0.1, "A bell rings at seven.", dim, created_at="2026-03-05T08:00:00Z")
    yield made("memory", external_id="keel/told", content={"role": "user", "mood": "calm"}, text="Where is the adze?",
               memory_type="conversation", session_id="keel/s2", agent_id="smith", created_at="2026-03-06T08:00:00Z",
               parent_memory_id=identity("keel/bare"), source_agent="ear", embedding=near("told", 0, "", dim))


def what_hangs_on_them():
    for target, kind, strength in (("1.2", "supports", 0.75), ("1.3", "contradicts", 0.5), ("2.1", "warps like", 1)):
        yield made("relation", source_id="keel/lesson 1.1", target_id="keel/lesson %s" % target, relation_type=kind,
                   strength=strength, confidence=0.5, metadata={"by": "hand"}, created_at="2026-03-20T08:00:00Z")
    for number, (operation, success) in enumerate((("read", True), ("search", True), ("update", False))):
        yield made("access_log_entry", log_id=identity("log %d" % number), memory_id=identity("keel/lesson 1.1"),
                   session_id="keel/s1", agent_id="smith", operation=operation, success=success,
                   error_message="" if success else "revision 3 is not the latest", ip_address="192.0.2.7",
                   request_data={"k": number}, timestamp="2026-03-21T08:00:0%dZ" % number)
    for number, kind in enumerate(("hallucination", "missing_info", "incorrect_action", "context_degradation")):
        yield made("error_record", error_id="error %d" % number, task_id="task %d" % (1 + number % 2),
                   stage_id="stage 1.1" if number == 0 else "", agent_id="smith", error_type=kind,
                   description="Took %d boards too many." % number, context="at the saw", recovery_action="put back",
                   severity=number / 4, recorded_at="2026-03-22T08:00:0%dZ" % number)
    for number, cost in enumerate((0.0042, 0, 12.5)):
        yield made("compression_metric", metric_id="metric %d" % number, task_id="task 1" if number else "",
                   stage_id="stage 1.%d" % (number + 1), compression_type="stage" if number else "task",
                   input_tokens=1000 + number, output_tokens=100, compression_ratio=10.25,
                   critical_fact_retention_rate=0.96875 if number else None, coherence_score=0.875, cost_usd=cost,
                   model_used="extractive", recorded_at="2026-03-23T08:00:0%dZ" % number)
    both = sorted(identity("keel/lesson 4.%d" % number) for number in (1, 2))
    yield made("consolidation_task", task_id="merge-by-hand", title="Merge: two rows", agent="merge", urgency="low",
               labels=["by hand"], priority=3, action="merge", memory_ids=both, cohesion=0.8, confidence=0.65,
               approval="rejected", status="closed", notes={"scores": [0.125, 0.25], "asked": "the smith"},
               created_at="2026-03-24T08:00:00Z", updated_at="2026-03-24T09:00:00Z", closed_at="2026-03-24T09:00:00Z")
    yield made("consolidation_task", task_id="promote-by-hand", title="Promote: a row", agent="promote", urgency="high",
               priority=1, action="promote", memory_ids=both[:1], score=0.75, confidence=0.9, status="blocked",
               error="the vault is full", retry_count=1, retry_at="2099-01-01T00:00:00Z",
               created_at="2026-03-24T08:00:00Z", updated_at="2026-03-24T09:30:00Z")
    yield made("agent_result", result_id="by hand", agent="decay", task_id="merge-by-hand", confidence=0.75,
               decision="log", memory_ids=[both[0]], created_at="2026-03-24T10:00:00Z",
               result={"memory_id": both[0], "score": 0.125, "urgency": "medium", "action": "consolidate",
                       "beads_issue_id": "merge-by-hand"})
    yield made("consolidation_job", id=identity("job"), project_id="sailing school", status="failed",
               trigger="scheduled", triggered_by="cron", errors=["memory_merging: no vectors", "cut short"],
               retry_count=2, retries_max=3, scope={"memory_types": ["learning"], "unconsolidated_only": False},
               created_at="2026-03-25T08:00:00Z", started_at="2026-03-25T08:00:01Z",
               completed_at="2026-03-25T08:01:31Z")


def write(path, dim):
    with open(path, "w", encoding="utf-8") as file:
        for record in (*surroundings(), *memories(dim), *what_hangs_on_them()):
            given = {name: value for name, value in record.items() if value is not None}
            file.write(json.dumps(given) + "\n")
