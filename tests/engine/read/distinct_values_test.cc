// Distinct values are those of the memories that list() shows, each with how many have it: held
// against a pass over all that export gives.

#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/engine/testing.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Json = nlohmann::json;
using Counts = std::map<std::string, std::uint64_t>;

class DistinctValues : public ::testing::Test {
 protected:
  DistinctValues() {
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  Uuid add(Memory one) {
    if (one.text.empty()) one.text = "Note " + std::to_string(texts_++);
    return value_of(tenant_->add(one)).id;
  }
  Uuid add_json(const std::string& metadata) {
    Memory one;
    one.metadata = metadata;
    return add(one);
  }
  std::vector<DistinctValue> values(DistinctRequest request) const {
    return value_of(tenant_->distinct_values(request)).values;
  }
  static DistinctRequest of(std::string_view name) {
    DistinctRequest request;
    request.of = parse_distinct_field(name).value();
    return request;
  }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  int texts_ = 0;
};

// What a field is in a memory, by the record alone.
std::vector<std::string> values_in(const Memory& memory, const std::string& name) {
  const auto one = [](std::string value) {
    return value.empty() ? std::vector<std::string>() : std::vector{std::move(value)};
  };
  if (name == "agent_id") return one(memory.agent_id);
  if (name == "user_id") return one(memory.user_id);
  if (name == "session_id") return one(memory.session_id);
  if (name == "memory_type") return one(memory.memory_type);
  if (name == "layer") return one(std::string(to_string(memory.layer)));
  if (name == "source_type") return one(std::string(to_string(memory.source_type)));
  if (name == "source_agent") return one(memory.source_agent);
  if (name == "status") return one(std::string(to_string(memory.status)));
  if (name == "external_id") return one(memory.external_id);
  if (name == "goal") return one(memory.goal);
  if (name == "id") return one(memory.id.to_string());
  if (name == "is_critical") return one(memory.is_critical ? "true" : "false");
  if (name == "tags") return memory.tags;
  if (name == "entities") return memory.entities;
  if (name == "keywords") return memory.keywords;
  const bool is_content = name.starts_with("content.");
  const std::string& text = is_content ? memory.content : memory.metadata;
  if (text.empty()) return {};
  Json at = Json::parse(text);
  std::string rest = name.substr(name.find('.') + 1);
  for (std::size_t dot = 0; dot != std::string::npos;) {
    dot = rest.find('.');
    const std::string member = rest.substr(0, dot);
    if (!at.is_object() || !at.contains(member)) return {};
    at = Json(at[member]);
    if (dot != std::string::npos) rest = rest.substr(dot + 1);
  }
  std::vector<std::string> found;
  if (!at.is_array()) at = Json::array({at});
  for (const Json& element : at) {
    if (!element.is_object()) found.push_back(element.dump());
  }
  return found;
}

constexpr const char* kNames[] = {"agent_id",
                                  "user_id",
                                  "session_id",
                                  "memory_type",
                                  "layer",
                                  "source_type",
                                  "source_agent",
                                  "status",
                                  "external_id",
                                  "goal",
                                  "id",
                                  "is_critical",
                                  "tags",
                                  "entities",
                                  "metadata.color",
                                  "metadata.deep.to",
                                  "metadata.room",
                                  "keywords",
                                  "content.kind",
                                  "metadata.none"};

TEST_F(DistinctValues, AreThoseOfABruteForcePassOverAnExport) {
  const unsigned seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](std::size_t end) { return random() % end; };
  const auto pick = [&](std::initializer_list<const char*> from) {
    return std::string(*(from.begin() + below(from.size())));
  };
  for (const char* id : {"s1", "s2"}) {
    Session session;
    session.session_id = id;
    value_of(tenant_->put(session));
  }
  std::vector<Uuid> ids;
  for (int i = 0; i < 300; ++i) {
    Memory one;
    one.agent_id = pick({"", "a", "b", "c"});
    one.user_id = pick({"", "ana", "ana-maria", "bo"});
    one.session_id = pick({"", "s1", "s2"});
    one.memory_type = pick({"context", "decision", "learning"});
    one.layer = static_cast<Layer>(below(4));
    one.source_type = static_cast<SourceType>(below(5));
    one.source_agent = pick({"", "x", "y"});
    one.goal = pick({"", "win", "rest"});
    one.is_critical = below(5) == 0;
    if (below(3) == 0) one.external_id = "name-" + std::to_string(i);
    for (const char* tag : {"red", "green", "Red"}) {
      if (below(2) == 0) one.tags.emplace_back(tag);
    }
    if (below(2) == 0) one.entities = {pick({"Ada", "York"})};
    if (below(2) == 0) one.keywords = {pick({"k", "l"}), "m"};
    if (below(2) == 0) one.content = R"({"kind":")" + pick({"q", "r"}) + R"("})";
    Json metadata = Json::object();
    if (below(2) == 0) metadata["color"] = pick({"blue", "grün", "a\"b"});
    if (below(2) == 0) metadata["room"] = below(12);
    if (below(3) == 0) metadata["room"] = Json::array({"x", below(3), nullptr, true, "x"});
    if (below(2) == 0) metadata["deep"] = {{"to", below(2) == 0}, {"other", 1}};
    one.metadata = metadata.dump();
    if (below(4) == 0) one.expires_at = clock_.now() + std::chrono::hours(1 + below(4));
    ids.push_back(add(one));
  }
  clock_.advance(std::chrono::hours(2));
  for (int i = 0; i < 30; ++i) ASSERT_THAT(tenant_->forget(ids[below(300)]), Succeeds());
  for (int i = 0; i < 30; ++i) (void)tenant_->archive(ids[below(300)]);
  const std::map<std::string, std::pair<Filter, std::function<bool(const Memory&)>>> filters = {
      {"all", {Filter(), [](const Memory&) { return true; }}},
      {"ana", {equals(Field::kUserId, "ana"), [](const Memory& m) { return m.user_id == "ana"; }}},
      {"no a",
       {not_(equals(Field::kAgentId, "a")), [](const Memory& m) { return m.agent_id != "a"; }}}};
  const auto all = memories_of(*tenant_);
  std::size_t compared = 0;
  for (const auto& [filter_name, filter] : filters) {
    for (int shown = 0; shown < 8; ++shown) {
      for (const std::string name : kNames) {
        SCOPED_TRACE(name + " of " + filter_name + ", " + std::to_string(shown));
        DistinctRequest request = of(name);
        request.filter = filter.first;
        request.limit = 10'000;
        request.include_archived = (shown & 1) != 0;
        request.include_deleted = (shown & 2) != 0;
        request.include_expired = (shown & 4) != 0;
        Counts expected;
        std::uint64_t matching = 0;
        for (const auto& [id, memory] : all) {
          if (memory.status == MemoryStatus::kArchived && !request.include_archived) continue;
          if (memory.status == MemoryStatus::kDeleted && !request.include_deleted) continue;
          const bool expired = memory.expires_at && *memory.expires_at <= clock_.now();
          if ((expired && !request.include_expired) || !filter.second(memory)) continue;
          ++matching;
          std::set<std::string> once;
          for (const std::string& value : values_in(memory, name)) once.insert(value);
          for (const std::string& value : once) ++expected[value];
        }
        const DistinctPage page = value_of(tenant_->distinct_values(request));
        Counts found;
        for (const auto& [value, count] : page.values) {
          EXPECT_TRUE(found.emplace(value, count).second) << value << " comes twice";
        }
        ASSERT_EQ(found, expected);
        EXPECT_EQ(page.distinct, expected.size());
        EXPECT_EQ(page.matching, matching);
        compared += expected.size();
      }
    }
  }
  EXPECT_GT(compared, 5'000U);
}

TEST_F(DistinctValues, StandInTheirOrderWhateverThePage) {
  for (const char* value :
       {R"("b")", R"("é")", "10", "9.50", "-3", "null", "true", "false", "1e2", "100.0", "0.00012",
        R"("B")", "12345678901234567890123e5", "[7,7,\"b\"]"}) {
    add_json(R"({"v":)" + std::string(value) + "}");
  }
  add_json(R"({"w":1})");
  DistinctRequest request = of("metadata.v");
  const std::vector<DistinctValue> all = {
      {"null", 1},   {"false", 1},  {"true", 1},  {"-3", 1},  {"0.00012", 1},
      {"7", 1},      {"9.5", 1},    {"10", 1},    {"100", 2}, {"12345678901234567890123e5", 1},
      {R"("B")", 1}, {R"("b")", 2}, {R"("é")", 1}};
  EXPECT_EQ(values(request), all);
  const DistinctPage page = value_of(tenant_->distinct_values(request));
  EXPECT_EQ(page.distinct, 13U);
  EXPECT_EQ(page.matching, 15U);
  request.limit = 4;
  std::vector<DistinctValue> paged;
  for (request.offset = 0; request.offset < 20; request.offset += 4) {
    for (const DistinctValue& one : values(request)) paged.push_back(one);
  }
  EXPECT_EQ(paged, all);
  request.order = DistinctOrder::kCount;
  request.offset = 0;
  EXPECT_THAT(values(request), ElementsAre(DistinctValue{"100", 2}, DistinctValue{R"("b")", 2},
                                           DistinctValue{"null", 1}, DistinctValue{"false", 1}));
  request.offset = ~std::uint64_t{0};
  EXPECT_THAT(values(request), IsEmpty());
}

TEST_F(DistinctValues, AreOfOneTenantAndOfWhatIsLeft) {
  Memory mine;
  mine.user_id = "ana";
  add(mine);
  Tenant other = value_of(store_->tenant("other"));
  mine.user_id = "theirs";
  mine.text = "x";
  value_of(other.add(mine));
  EXPECT_THAT(values(of("user_id")), ElementsAre(DistinctValue{"ana", 1}));
  value_of(tenant_->erase_where(Filter()));
  EXPECT_THAT(values(of("user_id")), IsEmpty());
}

TEST_F(DistinctValues, RefuseWhatIsNoRequest) {
  const auto refused = [&](const DistinctRequest& request, const char* field) {
    const auto page = tenant_->distinct_values(request);
    ASSERT_THAT(page, FailsWith(ErrorCode::kInvalidArgument));
    EXPECT_EQ(page.error().field, field);
  };
  DistinctRequest request;
  request.limit = 0;
  refused(request, "limit");
  request.limit = 10'001;
  refused(request, "limit");
  request.limit = 1;
  request.of = static_cast<Field>(200);
  refused(request, "field");
  request.of = ScalarPath{JsonPart::kMetadata, ""};
  refused(request, "field");
  request.of = ScalarPath{JsonPart::kContent, "a\xff"};
  refused(request, "field");
  request.of = ScalarPath{static_cast<JsonPart>(9), "a"};
  refused(request, "field");
  request.of = Field::kTag;
  request.order = static_cast<DistinctOrder>(7);
  refused(request, "order");
  request.order = DistinctOrder::kValue;
  request.filter = MetadataEquals{"", "1"};
  refused(request, "metadata");
  for (const char* name :
       {"", "metadata", "metadata.", "metadataX", "priority", "Tags", "content"}) {
    EXPECT_FALSE(parse_distinct_field(name)) << name;
  }
}

}  // namespace
}  // namespace tulving
