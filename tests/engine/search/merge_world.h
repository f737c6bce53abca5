#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/random_tenant.h"

namespace tulving::testing {

// Random memories that are merged, and random filters to ask of them.

inline constexpr std::size_t kMergeDim = 8;

/// A filter that can be asked of a value, and whether it asks for nothing that merging changes.
struct Question {
  Filter filter;
  std::function<bool(const Memory& said, const Memory& lives)> holds;
  bool is_of_life = false;
};

/// A tenant of random memories.
class MergeWorld : public RandomTenant {
 public:
  explicit MergeWorld(unsigned seed) : RandomTenant(seed) {}

  bool rarely() { return below(4) == 0; }
  template <std::size_t n>
  std::string pick(const char* const (&choices)[n]) {
    return choices[below(n)];
  }

  void add_memory() {
    Memory one = memory("Note " + std::to_string(random_() % 100'000) + ".");
    std::vector<float> vector(kMergeDim, 0.02F * static_cast<float>(below(4)));
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

  int names_ = 0;
};

}  // namespace tulving::testing
