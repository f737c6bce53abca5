// Any value that a memory shows, given back as a filter, finds it by eq, in, lte and gte, and not
// by ne, lt and gt; and of all memories a filter finds those whose shown values compare so, the
// oracle being the numbers written out in full.

#include <cctype>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/base/fixed_point.h"
#include "tests/engine/testing.h"
#include "tulving/json_members.h"

namespace tulving {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using testing_support::FixedPoint;
using testing_support::random_number;

class RandomValues {
 public:
  explicit RandomValues(unsigned seed) : random_(seed) {}

  Memory memory(int number) {
    Memory memory;
    memory.external_id = "m" + std::to_string(number);
    memory.text = "Memory number " + std::to_string(number);
    memory.agent_id = pick<std::string>({"", "tim", "José \"x\"\n", "12345678901234567890123"});
    memory.memory_type = pick<std::string>({"context", "decision", "1.0"});
    memory.tags = pick<std::vector<std::string>>({{}, {"a"}, {"a", "b\t"}, {"1e400"}});
    memory.keywords = pick<std::vector<std::string>>({{}, {"k"}, {"k", "l"}});
    memory.outcome = pick<std::string>({"", "done", "not done"});
    memory.success = pick<std::optional<bool>>({{}, true, false});
    memory.is_critical = below(2) == 0;
    memory.layer = static_cast<Layer>(below(4));
    memory.pattern_type = pick<std::optional<PatternType>>({{}, PatternType::kGotcha});
    memory.consolidation_method = pick<std::optional<ConsolidationMethod>>(
        {{}, ConsolidationMethod::kLlm, ConsolidationMethod::kHybrid});
    memory.priority = 1 + static_cast<int>(below(10));
    memory.strength =
        pick<double>({0.1, 1.2, 1.0, 0.0, -0.0, 2.0, 1.1999999, 1.20000000000001, real(2)});
    memory.relevance_score =
        pick<float>({0.1F, 1e-45F, -1e-45F, std::numeric_limits<float>::max(), any_float()});
    memory.confidence_score = pick<std::optional<double>>({{}, 0.7, 1e-20, real(1)});
    memory.use_count = count();
    memory.review_count = count();
    memory.cross_domain_count = count();
    memory.reuse_count = count();
    memory.created_at = time();
    memory.updated_at = time();
    memory.last_used = time();
    memory.expires_at = optional_time();
    memory.promoted_at = optional_time();
    memory.archived_at = optional_time();
    memory.deleted_at = optional_time();
    memory.consolidated_at = optional_time();
    memory.metadata = R"({"n":)" + random_number(random_) + R"(,"in":{"n":)" +
                      random_number(random_) + R"(},"s":"caf\u00e9 ☕","b":true,"no":null})";
    return memory;
  }

  std::string number() { return random_number(random_); }
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  template <class T>
  T pick(std::vector<T> values) {
    return values[below(values.size())];
  }

  Timestamp time() {
    const std::int64_t first = -62'135'596'800'000'000;
    const std::int64_t last = 253'402'300'799'999'999;
    return Timestamp(std::chrono::microseconds(
        pick<std::int64_t>({first, last, last - 1, last - 16, 0, 1, -1, 9'007'199'254'740'993,
                            1'770'000'000'000'000 + static_cast<std::int64_t>(below(4))})));
  }

 private:
  std::optional<Timestamp> optional_time() {
    if (below(3) == 0) return std::nullopt;
    return time();
  }
  std::int32_t count() {
    return pick<std::int32_t>({0, 1, 16'777'217, std::numeric_limits<std::int32_t>::max(),
                               static_cast<std::int32_t>(below(5))});
  }
  float real(float high) { return static_cast<float>(below(1U << 24U)) / (1U << 24U) * high; }
  float any_float() {
    float value = 0;
    do {
      const auto bits = static_cast<std::uint32_t>(random_());
      std::memcpy(&value, &bits, sizeof value);
    } while (!std::isfinite(value));
    return value;
  }

  std::mt19937_64 random_;
};

// A value that a memory shows: its field as a filter names it, and its JSON.
struct Shown {
  std::string field;
  std::string value;
};

// The values that a filter can be asked about. Those of lists one by one.
std::vector<Shown> shown_values(const std::string& line, const std::string& path = {}) {
  static const std::set<std::string> kNoFields = {"kind", "tenant_id", "text"};
  std::vector<Shown> shown;
  const auto members = json_members("the line", line);
  for (const auto& [name, value] : *members) {
    if (path.empty() && kNoFields.contains(name)) continue;
    const std::string field = path.empty() ? name : path + "." + name;
    if (value.front() == '{') {
      for (auto& inner : shown_values(value, field)) shown.push_back(std::move(inner));
    } else if (value.front() == '[') {  // Of strings.
      for (const auto& element : nlohmann::json::parse(value)) {
        shown.push_back({field, element.dump()});
      }
    } else {
      shown.push_back({field, value});
    }
  }
  return shown;
}

// Numbers and times have an order; a time's is that of its microseconds.
std::optional<FixedPoint> order_of(const Shown& shown) {
  if (shown.value.front() == '-' || std::isdigit(shown.value.front()) != 0) {
    return FixedPoint(shown.value);
  }
  const bool time = shown.field.ends_with("_at") || shown.field == "last_used";
  if (!time) return std::nullopt;
  const Timestamp at = parse_time(json_shown(shown.value)).value();
  return FixedPoint(std::to_string(at.time_since_epoch().count()));
}

class FilterValues : public ::testing::Test {
 protected:
  FilterValues()
      : store_(value_of(Store::open_in_memory())), tenant_(value_of(store_.tenant("t"))) {
    RandomValues random(kSeed);
    for (int i = 0; i < kMemories; ++i) {
      const Record record = random.memory(i);
      const auto written = value_of(tenant_.write(std::span(&record, 1)));
      const Memory memory = value_of(tenant_.get(written[0].id));
      std::string line = to_json_line("t", memory);
      line.back() = ',';
      line += R"("revision":)" + std::to_string(memory.revision) + R"(,"content_hash":")" +
              memory.content_hash + "\"}";
      lines_.emplace_back(memory.id, shown_values(line));
    }
  }

  std::set<Uuid> found(const Filter& filter) {
    ListRequest request;
    request.filter = filter;
    request.limit = 10'000;
    request.include_archived = request.include_deleted = request.include_expired = true;
    std::set<Uuid> ids;
    const MemoryPage page = value_of(tenant_.list(request));
    for (const MemoryView& view : page.memories) ids.insert(view.id());
    return ids;
  }
  std::set<Uuid> found(const std::string& json) {
    const auto filter = parse_filter(json);
    EXPECT_THAT(filter, Succeeds()) << json;
    return filter ? found(*filter) : std::set<Uuid>();
  }

  static constexpr unsigned kSeed = 67;
  static constexpr int kMemories = 120;
  Store store_;
  Tenant tenant_;
  std::vector<std::pair<Uuid, std::vector<Shown>>> lines_;
};

TEST_F(FilterValues, FindTheMemoryThatShowsThem) {
  int cases = 0;
  for (const auto& [id, values] : lines_) {
    for (const auto& shown : values) {
      SCOPED_TRACE(shown.field + ": " + shown.value);
      const auto filter = [&](const std::string& condition) {
        return R"({")" + shown.field + R"(":)" + condition + "}";
      };
      EXPECT_TRUE(found(filter(shown.value)).contains(id));
      EXPECT_TRUE(found(filter(R"({"eq":)" + shown.value + "}")).contains(id));
      EXPECT_TRUE(found(filter(R"({"in":[)" + shown.value + "]}")).contains(id));
      EXPECT_FALSE(found(filter(R"({"ne":)" + shown.value + "}")).contains(id));
      cases += 4;
      if (!order_of(shown)) continue;
      for (const char* name : {"lte", "gte"}) {
        EXPECT_TRUE(
            found(filter("{\"" + std::string(name) + "\":" + shown.value + "}")).contains(id))
            << name;
      }
      for (const char* name : {"lt", "gt"}) {
        EXPECT_FALSE(
            found(filter("{\"" + std::string(name) + "\":" + shown.value + "}")).contains(id))
            << name;
      }
      cases += 4;
    }
  }
  RecordProperty("cases", cases);
  EXPECT_GT(cases, 20'000);
}

// The values of `field`, by memory.
using Values = std::vector<std::pair<Uuid, FixedPoint>>;

bool holds(std::strong_ordering order, std::string_view name) {
  if (name == "eq") return order == 0;
  if (name == "lt") return order < 0;
  if (name == "lte") return order <= 0;
  return name == "gt" ? order > 0 : order >= 0;
}

// What a memory that does not show the field has.
const std::map<std::string, const char*> kDefaults = {
    {"priority", "5"},           {"strength", "1"},         {"use_count", "0"},
    {"review_count", "0"},       {"reuse_count", "0"},      {"relevance_score", "1"},
    {"cross_domain_count", "0"}, {"abstraction_level", "0"}};

TEST_F(FilterValues, AreComparedAsTheNumbersWrittenOutInFull) {
  std::map<std::string, Values> fields;
  std::map<std::string, std::vector<std::string>> bounds;
  for (const auto& [id, values] : lines_) {
    for (const auto& shown : values) {
      if (const auto order = order_of(shown)) {
        fields[shown.field].emplace_back(id, *order);
        bounds[shown.field].push_back(shown.value);
      }
    }
    for (const auto& [field, value] : kDefaults) {
      const auto is_it = [name = field](const Shown& shown) { return shown.field == name; };
      if (std::ranges::none_of(values, is_it)) fields[field].emplace_back(id, FixedPoint(value));
    }
  }
  bounds["abstraction_level"] = {"0", "-0.0"};
  EXPECT_EQ(fields.size(), 20U);
  RandomValues random(kSeed + 1);
  int cases = 0;
  for (const auto& [field, values] : fields) {
    const bool time = field.ends_with("_at") || field == "last_used";
    for (int round = 0; round < 60; ++round) {
      const bool shown = time || random.below(2) == 0;
      const std::string bound = shown ? random.pick(bounds[field]) : random.number();
      const std::string name = random.pick<std::string>({"eq", "lt", "lte", "gt", "gte"});
      const FixedPoint exact = *order_of({field, bound});
      std::set<Uuid> expected;
      for (const auto& [id, value] : values) {
        if (holds(value <=> exact, name)) expected.insert(id);
      }
      const std::string json = R"({")" + field + R"(":{")" + name + R"(":)" + bound + "}}";
      EXPECT_TRUE(found(json) == expected) << json;
      ++cases;
    }
  }
  RecordProperty("cases", cases);
}

TEST_F(FilterValues, AreComparedSoByTheBuildersToo) {
  for (const auto& [id, values] : lines_) {
    const Memory memory = value_of(tenant_.get(id));
    EXPECT_TRUE(found(number_equals(NumberField::kStrength, memory.strength)).contains(id));
    EXPECT_TRUE(found(number_between(NumberField::kRelevanceScore, memory.relevance_score,
                                     memory.relevance_score))
                    .contains(id));
    EXPECT_TRUE(found(number_equals(NumberField::kCreatedAt, *memory.created_at)).contains(id));
    EXPECT_TRUE(found(time_between(NumberField::kUpdatedAt, memory.updated_at, {})).contains(id));
    EXPECT_FALSE(found(time_between(NumberField::kUpdatedAt, {}, memory.updated_at)).contains(id));
    EXPECT_TRUE(found(number_equals(NumberField::kUseCount, memory.use_count)).contains(id));
    EXPECT_TRUE(found(equals(Field::kId, id.to_string())).contains(id));
  }
}

TEST(Filter, FindsTheIdsThatAMemoryRefersTo) {
  Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("t"));
  const Uuid first = value_of(tenant.add(memory("first"))).id;
  Memory merged = memory("second");
  merged.source_memory_ids = {first};
  merged.parent_memory_id = first;
  const Uuid second = value_of(tenant.add(merged)).id;
  const auto ids = [&](const std::string& json) {
    ListRequest request;
    request.filter = value_of(parse_filter(json));
    std::vector<Uuid> listed;
    const MemoryPage page = value_of(tenant.list(request));
    for (const MemoryView& view : page.memories) listed.push_back(view.id());
    return listed;
  };
  std::string upper = first.to_string();
  for (char& c : upper) c = static_cast<char>(std::toupper(c));

  EXPECT_THAT(ids(R"({"source_memory_ids": ")" + upper + "\"}"), ElementsAre(second));
  EXPECT_THAT(ids(R"({"parent_memory_id": ")" + upper + "\"}"), ElementsAre(second));
  EXPECT_THAT(ids(R"({"id": {"in": [")" + upper + "\"]}}"), ElementsAre(first));
  EXPECT_THAT(ids(R"({"id": {"ne": ")" + upper + "\"}}"), ElementsAre(second));
}

}  // namespace
}  // namespace tulving
