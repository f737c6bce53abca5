// What is promised: a merge answers for its sources. For random stores, random merges (through the
// agents, several rounds, so that merges are merged) and random filters, whoever was found before
// by a filter is found after, by itself or in its merge, and nobody else is. Two oracles, neither
// of which knows of rows: what the same filter found before the merging, and a filter evaluated
// here on the memories as values, with the merge's life for that of its source.

#include <map>
#include <random>
#include <set>

#include "tests/engine/testing.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using namespace tulving::testing;

constexpr std::size_t kDim = 8;

// A filter that can be asked of a value, and whether it asks for nothing that merging changes.
struct Question {
  Filter filter;
  std::function<bool(const Memory& said, const Memory& lives)> holds;
  bool is_of_life = false;
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    StoreOptions options;
    options.clock = clock_.clock();
    options.thresholds.log_confidence = 0.5;  // Two that are alike need nobody's word.
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
    for (const char* id : {"s1", "s2", "s3"}) {
      Session session;
      session.session_id = id;
      value_of(tenant_->put(session));
    }
  }

  std::size_t below(std::size_t end) { return random_() % end; }
  bool rarely() { return below(4) == 0; }
  template <std::size_t n>
  std::string pick(const char* const (&choices)[n]) {
    return choices[below(n)];
  }

  void add_memory() {
    Memory one = memory("Note " + std::to_string(random_() % 100'000) + ".");
    std::vector<float> vector(kDim, 0.02F * static_cast<float>(below(4)));
    vector[below(4)] = 1.0F;
    one.embeddings.push_back({"default", vector});
    one.user_id = pick({"", "ana", "bo"});
    one.project_id = rarely() ? "web" : "";
    one.session_id = pick({"", "s1", "s2", "s3"});
    one.task_id = pick({"", "t1", "t2"});
    one.stage_id = pick({"", "g1", "g2"});
    one.memory_type = pick({"context", "decision", "learning", "mine"});
    one.layer = static_cast<Layer>(below(4));
    one.source_type = static_cast<SourceType>(below(5));
    one.source_agent = pick({"", "a1", "a2"});
    for (const char* tag : {"red", "green", "blue"}) {
      if (below(2) == 0) one.tags.push_back(tag);
    }
    if (rarely()) one.entities.push_back(pick({"Ada", "York"}));
    if (below(2) == 0) one.metadata = R"({"room":)" + std::to_string(below(4)) + R"(,"k":"x"})";
    if (rarely()) one.external_id = "name-" + std::to_string(names_++);
    one.priority = static_cast<std::int32_t>(1 + below(10));
    one.strength = 0.5F * static_cast<float>(below(4));
    one.use_count = static_cast<std::int32_t>(below(4));
    one.created_at = clock_.now() - std::chrono::hours(below(200));
    one.last_used = clock_.now() - std::chrono::hours(below(200));
    if (rarely()) one.expires_at = clock_.now() + std::chrono::hours(24 * 365);
    value_of(tenant_->add(one));
  }

  ConsolidationReport consolidate() {
    ConsolidationOptions options;
    options.rate_limit = 0;
    options.threads = 1;
    options.cluster_size_max = static_cast<std::uint32_t>(2 + below(4));
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
    ConsolidationRun request;
    request.agents = {UpkeepAgent::kCluster, UpkeepAgent::kMerge};
    return value_of(consolidator.run(request));
  }

  std::map<Uuid, Memory> all() const { return memories_of(*tenant_); }

  // By list, which must agree with a search by recency and with the count.
  std::set<Uuid> found(const Filter& filter) const {
    ListRequest request;
    request.filter = filter;
    request.limit = 1'000;
    const MemoryPage page = value_of(tenant_->list(request));
    std::set<Uuid> ids;
    for (const MemoryView& view : page.memories) ids.insert(view.id());
    EXPECT_EQ(page.matching, ids.size());
    SearchRequest recent;
    recent.mode = SearchMode::kRecent;
    recent.k = 1'000;
    recent.filter = filter;
    std::set<Uuid> searched;
    for (const SearchHit& hit : value_of(tenant_->search(recent)).hits) {
      searched.insert(hit.memory.id());
    }
    EXPECT_EQ(searched, ids);
    return ids;
  }

  Question question(int depth = 0) {
    const std::size_t kind = depth == 3 ? 2 + below(9) : below(11);
    if (kind == 0) return joined(depth, true);
    if (kind == 1) return joined(depth, false);
    if (kind == 2 && depth < 3) {
      const Question inner = question(depth + 1);
      return {
          not_(inner.filter),
          [inner](const Memory& said, const Memory& lives) { return !inner.holds(said, lives); },
          inner.is_of_life};
    }
    if (kind < 7) return about_a_name();
    if (kind < 9) return about_a_number();
    if (kind == 9) return about_metadata();
    return about_decay();
  }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;

 private:
  Question joined(int depth, bool all) {
    std::vector<Question> parts;
    std::vector<Filter> filters;
    bool is_of_life = false;
    for (std::size_t i = below(4); i > 0; --i) {
      parts.push_back(question(depth + 1));
      filters.push_back(parts.back().filter);
      is_of_life = is_of_life || parts.back().is_of_life;
    }
    const auto holds = [parts, all](const Memory& said, const Memory& lives) {
      const auto one = [&](const Question& part) { return part.holds(said, lives); };
      return all ? std::ranges::all_of(parts, one) : std::ranges::any_of(parts, one);
    };
    return {all ? all_of(filters) : any_of(filters), holds, is_of_life};
  }

  Question about_a_name() {
    using Names = std::function<std::vector<std::string>(const Memory&)>;
    struct Kind {
      Field field;
      std::vector<std::string> values;
      Names names;
    };
    const auto text = [](std::string Memory::*member) -> Names {
      return [member](const Memory& m) { return std::vector<std::string>{m.*member}; };
    };
    const Kind kinds[] = {
        {Field::kUserId, {"ana", "bo", "nobody"}, text(&Memory::user_id)},
        {Field::kProjectId, {"web"}, text(&Memory::project_id)},
        {Field::kSessionId, {"s1", "s2", "s3"}, text(&Memory::session_id)},
        {Field::kTaskId, {"t1", "t2"}, text(&Memory::task_id)},
        {Field::kStageId, {"g1", "g2"}, text(&Memory::stage_id)},
        {Field::kMemoryType, {"context", "decision", "mine"}, text(&Memory::memory_type)},
        {Field::kSourceAgent, {"a1", "a2"}, text(&Memory::source_agent)},
        {Field::kExternalId, {"name-0", "name-1", "name-2"}, text(&Memory::external_id)},
        {Field::kTag, {"red", "green", "blue", "none"}, [](const Memory& m) { return m.tags; }},
        {Field::kEntity, {"Ada", "York"}, [](const Memory& m) { return m.entities; }},
        {Field::kLayer,
         {"working", "episodic", "semantic", "procedural"},
         [](const Memory& m) { return std::vector<std::string>{std::string(to_string(m.layer))}; }},
        {Field::kSourceType,
         {"conversation", "tool_output", "document", "observation", "external"},
         [](const Memory& m) {
           return std::vector<std::string>{std::string(to_string(m.source_type))};
         }},
        {Field::kStatus, {"active", "archived"}, [](const Memory& m) {
           return std::vector<std::string>{std::string(to_string(m.status))};
         }}};
    const Kind& kind = kinds[below(std::size(kinds))];
    std::vector<std::string> values;
    for (const auto& value : kind.values) {
      if (below(2) == 0) values.push_back(value);
    }
    const bool is_of_life = kind.field == Field::kStatus;
    const auto holds = [values, is_of_life, names = kind.names](const Memory& said,
                                                                const Memory& lives) {
      return std::ranges::any_of(names(is_of_life ? lives : said), [&](const std::string& name) {
        return std::ranges::find(values, name) != values.end();
      });
    };
    return {in(kind.field, values), holds, is_of_life};
  }

  Question about_a_number() {
    struct Kind {
      NumberField field;
      bool is_of_life;
      std::function<std::optional<double>(const Memory&)> number;
    };
    const auto time = [](std::optional<Timestamp> Memory::*member) {
      return [member](const Memory& m) -> std::optional<double> {
        if (!(m.*member)) return std::nullopt;
        return static_cast<double>((m.*member)->time_since_epoch().count());
      };
    };
    const Kind kinds[] = {
        {NumberField::kPriority, false, [](const Memory& m) { return double(m.priority); }},
        {NumberField::kCreatedAt, false, time(&Memory::created_at)},
        {NumberField::kExpiresAt, false, time(&Memory::expires_at)},
        {NumberField::kAbstractionLevel, true,
         [](const Memory& m) { return double(m.abstraction_level); }},
        {NumberField::kStrength, true, [](const Memory& m) { return double{m.strength}; }},
        {NumberField::kUseCount, true, [](const Memory& m) { return double(m.use_count); }},
        {NumberField::kUpdatedAt, true, time(&Memory::updated_at)},
        {NumberField::kLastUsed, true, time(&Memory::last_used)}};
    const Kind& kind = kinds[below(std::size(kinds))];
    const bool is_time = kind.number == nullptr || kind.field == NumberField::kCreatedAt ||
                         kind.field >= NumberField::kUpdatedAt;
    const auto bound = [&]() -> std::optional<double> {
      if (rarely()) return std::nullopt;
      if (!is_time) return static_cast<double>(below(5));
      const auto at = clock_.now() - std::chrono::hours(below(200));
      return static_cast<double>(at.time_since_epoch().count());
    };
    NumberRange range{kind.field, bound(), bound()};
    range.high_strict = below(2) == 0;
    const auto low = range.low, high = range.high;
    const bool strict = range.high_strict;
    const auto holds = [low, high, strict, kind](const Memory& said, const Memory& lives) {
      const auto value = kind.number(kind.is_of_life ? lives : said);
      if (!value || (low && *value < *low)) return false;
      return !high || (strict ? *value < *high : *value <= *high);
    };
    return {range, holds, kind.is_of_life};
  }

  Question about_metadata() {
    const std::string room = std::to_string(below(4));
    return {MetadataEquals{"room", room}, [room](const Memory& said, const Memory&) {
              return said.metadata.starts_with("{\"room\":" + room);
            }};
  }

  Question about_decay() {
    const double score = 0.1 * static_cast<double>(below(10));
    return {DecayAtLeast{score},
            [this, score](const Memory&, const Memory& lives) {
              return value_of(tenant_->decay(lives.id, clock_.now())).unclamped >= score;
            },
            true};
  }

  std::mt19937 random_;
  int names_ = 0;
};

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
    World world(seed);
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

// A value is counted as often as a list by the same filter and that value finds.
TEST(MergeFilter, DistinctValuesAreThoseThatListsFind) {
  constexpr const char* kNames[] = {"user_id",
                                    "session_id",
                                    "task_id",
                                    "memory_type",
                                    "source_type",
                                    "external_id",
                                    "tags",
                                    "entities",
                                    "status",
                                    "content_hash",
                                    "layer",
                                    "metadata.room",
                                    "metadata.room.value",
                                    "consolidated_into_id"};
  std::size_t counted = 0, merged = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 20; ++i) world.add_memory();
      world.clock_.advance(std::chrono::seconds(1));
      merged += world.consolidate().merge.size();
    }
    MemoryPatch patch;  // What a merge has and none of its sources.
    patch.tags = {"mine", "red"};
    for (const Uuid& id : world.found(number_equals(NumberField::kAbstractionLevel, 1))) {
      if (world.below(3) == 0) value_of(world.tenant_->update(id, patch));
    }
    const auto all = world.all();
    for (int q = 0; q < 8; ++q) {
      const Filter filter = q == 0 ? Filter() : world.question().filter;
      for (const std::string name : kNames) {
        SCOPED_TRACE(name);
        const DistinctField of = parse_distinct_field(name).value();
        const auto is = [&](const std::string& value) -> Filter {
          if (const auto* field = std::get_if<Field>(&of)) return equals(*field, value);
          return MetadataEquals{std::get<ScalarPath>(of).path, value};
        };
        DistinctRequest request;
        request.of = of;
        request.filter = filter;
        request.limit = 10'000;
        request.include_archived = q % 2 == 1;
        ListRequest list;
        list.include_archived = request.include_archived;
        list.filter = filter;
        const DistinctPage page = value_of(world.tenant_->distinct_values(request));
        EXPECT_EQ(page.matching, value_of(world.tenant_->list(list)).matching);
        std::map<std::string, std::uint64_t> found;
        for (const auto& [value, count] : page.values) found[value] = count;
        // Every value that any memory has, found or not.
        DistinctRequest of_all;
        of_all.of = of;
        of_all.limit = 10'000;
        of_all.include_archived = true;
        for (const auto& [value, count] : value_of(world.tenant_->distinct_values(of_all)).values) {
          list.filter = all_of({filter, is(value)});
          ASSERT_EQ(found[value], value_of(world.tenant_->list(list)).matching) << value;
          ++counted;
        }
      }
    }
  }
  EXPECT_GT(merged, 30U);
  EXPECT_GT(counted, 5'000U);
}

TEST(MergeFilter, FindsWhatOnlyTheMergeHasAndTellsArchivedSourcesApart) {
  World world(1);
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
  World world(1);
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
