// What is promised: a merge answers for its sources. For random stores, random merges (through the
// agents, several rounds, so that merges are merged) and random filters, whoever was found before
// by a filter is found after, by itself or in its merge, and nobody else is. Two oracles, neither
// of which knows of rows: what the same filter found before the merging, and a filter evaluated
// here on the memories as values, with the merge's life for that of its source.

#include <map>
#include <set>

#include "tests/engine/search/merge_world.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using namespace tulving::testing;

// The raw memories that a memory stands for: itself, or what its merge was made of.
std::set<Uuid> raw_of(const Memory& memory, const std::map<Uuid, Memory>& all) {
  if (memory.abstraction_level != 1) return {memory.id};
  std::set<Uuid> raw;
  for (const Uuid& source : memory.source_memory_ids) raw.merge(raw_of(all.at(source), all));
  return raw;
}

TEST(MergeFilter, FindsWhomItFoundBeforeByItselfOrInItsMergeAndNobodyElse) {
  std::size_t cases = 0, merges = 0, merges_of_merges = 0, found_merges = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    MergeWorld world(seed);
    std::vector<Question> questions;
    for (int i = 0; i < 80; ++i) questions.push_back(world.question());
    std::vector<ConsolidationReport> reports;
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 10 + world.below(20); i > 0; --i) world.add_memory();
      std::vector<std::set<Uuid>> before;
      for (const Question& one : questions) before.push_back(world.found(one.filter));
      world.clock_.advance(std::chrono::seconds(1));
      const auto made = world.consolidate();

      const auto all = world.all();
      for (std::size_t q = 0; q < questions.size(); ++q) {
        SCOPED_TRACE("question " + std::to_string(q));
        const auto after = world.found(questions[q].filter);
        for (const auto& [id, memory] : all) {
          if (memory.status == MemoryStatus::kArchived) continue;
          const auto raw = raw_of(memory, all);
          const bool expected = std::ranges::any_of(raw, [&, &lives = memory](const Uuid& source) {
            return questions[q].holds(all.at(source), lives);
          });
          ASSERT_EQ(after.contains(id), expected) << to_json_line("acme", Record(memory));
          found_merges += expected && raw.size() > 1 ? 1 : 0;
          merges_of_merges +=
              raw.size() > memory.source_memory_ids.size() && raw.size() > 1 ? 1 : 0;
          ++cases;
        }
        if (questions[q].is_of_life || round > 0) continue;
        // Whoever was found before is found in what stands for them now, and nobody else is.
        std::set<Uuid> heirs;
        for (const auto& [id, memory] : all) {
          if (memory.status == MemoryStatus::kArchived) continue;
          for (const Uuid& source : raw_of(memory, all)) {
            if (before[q].contains(source)) heirs.insert(id);
          }
        }
        ASSERT_EQ(after, heirs);
      }
      merges += made.merge.size();
      reports.push_back(made);
    }
    auto consolidator = value_of(Consolidator::create(*world.store_, "acme"));
    for (auto report = reports.rbegin(); report != reports.rend(); ++report) {
      if (!report->plan_id.is_nil()) value_of(consolidator.undo(report->plan_id));
    }
    const auto all = world.all();
    for (const Question& one : questions) {
      const auto found = world.found(one.filter);
      for (const auto& [id, memory] : all) ASSERT_EQ(found.contains(id), one.holds(memory, memory));
    }
  }
  EXPECT_GT(merges, 300U);
  EXPECT_GT(merges_of_merges, 1'000U);
  EXPECT_GT(found_merges, 5'000U);
  std::cout << cases << " memories asked, " << merges << " merges, " << found_merges
            << " times a merge was found\n";
}

TEST(MergeFilter, FindsWhatOnlyTheMergeHasAndTellsArchivedSourcesApart) {
  MergeWorld world(1);
  Tenant& tenant = *world.tenant_;
  std::vector<Uuid> sources;
  for (const char* session : {"s1", "s2"}) {
    Memory one = memory(std::string("Said in ") + session + ".", {1.0F, 0.5F});
    one.session_id = session;
    sources.push_back(value_of(tenant.add(one)).id);
  }
  const auto report = world.consolidate();
  ASSERT_EQ(report.merge.size(), 1U);
  const Uuid merge = report.merge[0].memory_id;
  MemoryPatch patch;
  patch.tags = {"mine"};
  value_of(tenant.update(merge, patch));
  const auto tagged = equals(Field::kTag, "mine");
  const auto of = [](const char* session) { return equals(Field::kSessionId, session); };

  EXPECT_EQ(world.found(tagged), std::set<Uuid>{merge});
  EXPECT_EQ(world.found(not_(tagged)), std::set<Uuid>{});
  EXPECT_EQ(world.found(all_of({tagged, of("s1")})), std::set<Uuid>{merge});
  EXPECT_EQ(world.found(all_of({of("s1"), of("s2")})), std::set<Uuid>{})
      << "no one said it in both";
  EXPECT_EQ(world.found(not_(of("s1"))), std::set<Uuid>{merge}) << "the other one";

  ListRequest archived;
  archived.include_archived = true;
  archived.filter = equals(Field::kStatus, "archived");
  EXPECT_EQ(value_of(tenant.list(archived)).matching, 2U) << "the sources by themselves";
  archived.filter = all_of({equals(Field::kStatus, "active"), of("s1")});
  EXPECT_EQ(value_of(tenant.list(archived)).matching, 1U);
}

TEST(MergeFilter, GivesNobodysMemoriesToAnotherUser) {  // Merges of before there were borders.
  MergeWorld world(1);
  Tenant& tenant = *world.tenant_;
  Memory merge = memory("Ana: 2291. Bo: 7714.");
  merge.id = Uuid::random();
  merge.abstraction_level = 1;
  for (const char* user : {"ana", "bo"}) {
    Memory one = memory(std::string("Code of ") + user);
    one.user_id = user;
    one.id = Uuid::random();
    merge.source_memory_ids.push_back(one.id);
    value_of(tenant.add(one));
  }
  value_of(tenant.add(merge));
  for (const Uuid& id : merge.source_memory_ids) {
    Memory archived = value_of(tenant.get(id));
    archived.status = MemoryStatus::kArchived;
    archived.consolidated_into_id = merge.id;
    const std::vector<Record> records = {archived};
    value_of(tenant.write(records));
  }
  EXPECT_EQ(world.found(equals(Field::kUserId, "ana")), std::set<Uuid>{});
  EXPECT_EQ(world.found(not_(equals(Field::kUserId, "ana"))), std::set<Uuid>{merge.id});
}

}  // namespace
}  // namespace tulving
