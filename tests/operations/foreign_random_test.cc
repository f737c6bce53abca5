// What is promised of every format: the records are those that a model here makes of the same
// entries, whatever the layout, the order of members and the pieces that the file comes in; a
// second import changes nothing; a file that is cut at any byte is told, and the whole one
// afterwards leaves the store that it would have made alone; a bad entry costs one error, at its
// place, and not its neighbours.

#include "tests/operations/foreign.h"
#include "tests/operations/foreign_maker.h"

namespace tulving::testing {
namespace {

struct Format {
  const char* name;
  const char* envelope;
  Made (Maker::*make)();
  Ordered wrong;  ///< Members of a wrong type: each is refused by its name.
};

class ForeignRandom : public ::testing::TestWithParam<Format> {
 protected:
  /// A file of the entries.
  static std::string file_of(const std::vector<Made>& all, std::size_t layout, Maker& maker) {
    Ordered array = Ordered::array();
    std::string lines;
    for (const Made& made : all) {
      array.push_back(maker.shuffled(made.entry));
      lines += array.back().dump() + "\n";
    }
    if (layout == 0) return lines;
    if (layout == 1) return array.dump();
    if (layout == 2) return array.dump(1);
    const std::string name = GetParam().envelope;
    return Ordered{{"total", all.size()}, {name, array}}.dump(layout == 3 ? -1 : 2);
  }
  static std::vector<Made> some(Maker& maker, std::size_t count) {
    std::vector<Made> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back((maker.*GetParam().make)());
    return all;
  }
  /// One of layout 0 for those whose entries say their type in the line alone.
  static std::size_t layouts() { return std::string(GetParam().envelope).empty() ? 3 : 5; }
};

bool has_all(const Json& record, const Json& members) {
  return std::ranges::all_of(members.items(), [&](const auto& member) {
    return record.contains(member.key()) && record[member.key()] == member.value();
  });
}

TEST_P(ForeignRandom, RecordsAreTheModelsAndASecondImportChangesNothing) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Maker maker(seed);
    const std::vector<Made> all = some(maker, 1 + maker.below(6));
    const std::string file = file_of(all, maker.below(layouts()), maker);
    std::vector<Json> expected;
    for (const Made& made : all) {
      expected.insert(expected.end(), made.records.begin(), made.records.end());
    }
    ForeignStore store;

    const Json summary = store.import(GetParam().name, file, 1 + maker.below(40));
    const auto records = store.records();
    const Json again = store.import(GetParam().name, file);

    ASSERT_EQ(summary["imported"], expected.size()) << summary << file;
    ASSERT_EQ(records.size(), expected.size()) << file;
    for (const Json& members : expected) {
      EXPECT_TRUE(std::ranges::any_of(records,
                                      [&](const Json& record) { return has_all(record, members); }))
          << members << "\nof " << file << "\nin " << Json(records).dump(1);
    }
    EXPECT_EQ(again["unchanged"], expected.size()) << again;
    EXPECT_EQ(store.records(), records);
  }
}

// What of a file is there: blank, whole lines, or the document.
bool is_whole(std::string_view text) {
  if (Json::accept(text)) return true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \n") != line.npos && !Json::accept(line)) return false;
  }
  return true;
}

TEST_P(ForeignRandom, AFileThatIsCutIsToldAndTheWholeOneMendsIt) {
  for (const std::size_t layout : {std::size_t{0}, layouts() - 1}) {
    Maker maker(5);
    const std::string file = file_of(some(maker, 2), layout, maker);
    ForeignStore whole;
    ASSERT_EQ(whole.import(GetParam().name, file)["rejected"], 0) << file;
    const auto expected = whole.records();
    for (std::size_t bytes = 0; bytes < file.size(); ++bytes) {
      const std::string_view cut = std::string_view(file).substr(0, bytes);
      ForeignStore store;

      const Json summary = store.import(GetParam().name, cut, 64);
      const Json rest = store.import(GetParam().name, file);

      EXPECT_EQ(summary["rejected"], is_whole(cut) ? 0 : 1) << summary << cut;
      EXPECT_EQ(rest["rejected"], 0) << rest;
      ASSERT_EQ(store.records(), expected) << cut;
    }
  }
}

// Between two good entries.
TEST_P(ForeignRandom, ABadEntryIsOneErrorAtItsPlace) {
  Maker maker(9);
  std::vector<Made> good;
  while (good.size() < 3) {
    good.push_back((maker.*GetParam().make)());
    if (good.back().records[0]["kind"] == "relation") good.pop_back();
  }
  const auto expect_refused = [&](const std::string& bad, const std::string& field) {
    ForeignStore store;
    const std::string file =
        "[" + good[0].entry.dump() + "," + bad + "," + good[1].entry.dump() + "]";
    const Json summary = store.import(GetParam().name, file, 100);
    EXPECT_EQ(summary["imported"], good[0].records.size() + good[1].records.size()) << bad;
    ASSERT_EQ(summary["rejected"], 1) << bad << summary;
    EXPECT_EQ(summary["errors"][0]["place"], "/1") << summary;
    EXPECT_EQ(summary["errors"][0]["line"], 1);
    if (field.empty()) return;
    EXPECT_EQ(summary["errors"][0]["field"], field) << bad << summary;
  };
  for (const auto& [member, value] : GetParam().wrong.items()) {
    Ordered entry = good[2].entry;
    entry[member] = value;
    expect_refused(entry.dump(), member);
  }
  const std::string whole = good[2].entry.dump();
  const std::string open = whole.substr(0, whole.size() - 1);
  expect_refused(open + R"(,"x":NaN})", "");
  expect_refused(open + R"(,"x":1e999999999})", "");
  expect_refused(open + R"(,"x":"\ud800"})", "");
  expect_refused(open + R"(,"x":"a\u0000b"})", "");
  expect_refused(open + ",\"x\":\"\xFF\"}", "");
  expect_refused(open + ",\"x\":" + std::string(600, '[') + std::string(600, ']') + "}", "");
  expect_refused(open + R"(,"x":1,"x":2})", "x");
  expect_refused(open + R"(,"x" 1})", "");
  expect_refused(open + "]", "");
  expect_refused("7", "");
  expect_refused(R"({"unknown":1})", "");
}

// The second entry of an id has other values: were both taken, each import would write both.
TEST_P(ForeignRandom, ASecondEntryOfAnIdIsRefusedUnlessItIsEqualOrTheFormatALog) {
  Maker maker(11);
  Made first = (maker.*GetParam().make)();
  Ordered second = first.entry;
  second["z"] = 1;
  const bool is_log = std::string(GetParam().name) == "cortexgraph";
  ForeignStore store;

  const std::string equal = "[" + first.entry.dump() + "," + first.entry.dump() + "]";
  const Json once = store.import(GetParam().name, equal);
  EXPECT_EQ(once["rejected"], 0) << once;
  EXPECT_EQ(once["imported"], first.records.size()) << once;
  const std::string other = "[" + first.entry.dump() + "," + second.dump() + "]";
  const Json summary = store.import(GetParam().name, other);
  const Json again = store.import(GetParam().name, other);

  EXPECT_EQ(summary["rejected"], is_log ? 0 : 1) << summary;
  EXPECT_EQ(again["updated"], 0) << again;
}

// Whatever is written of a huge number stays as it is, and no member of any type stops the import.
TEST_P(ForeignRandom, MembersOfAnyTypeAreTakenOrRefused) {
  Maker maker(13);
  Made made;
  do {
    made = (maker.*GetParam().make)();
  } while (made.records[0]["kind"] == "relation");
  const Json values[] = {nullptr,
                         true,
                         -1,
                         1e300,
                         "",
                         "x",
                         Json::array(),
                         Json::array({1, {}}),
                         Json::object(),
                         Json{{"text", 1}},
                         "[1,",
                         "{\"a\":1}",
                         1'000'000'000'000};
  for (const auto& [member, old] : made.entry.items()) {
    for (const Json& value : values) {
      Ordered entry = made.entry;
      entry[member] = value;
      ForeignStore store;
      const Json summary = store.import(GetParam().name, entry.dump());
      EXPECT_TRUE(store.status()) << store.status().error().message;
      EXPECT_GT(summary["imported"].get<int>() + summary["rejected"].get<int>(), 0) << entry;
      const auto records = store.records();
      EXPECT_EQ(store.import(GetParam().name, entry.dump())["updated"], 0) << entry;
      EXPECT_EQ(store.records(), records);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, ForeignRandom,
    ::testing::Values(Format{"mem0",
                             "results",
                             &Maker::mem0,
                             {{"id", true},
                              {"memory", 7},
                              {"user_id", 1},
                              {"agent_id", {1}},
                              {"run_id", 2},
                              {"categories", "x"},
                              {"created_at", "yesterday"},
                              {"updated_at", 1e12},
                              {"expiration_date", true}}},
                      Format{"mcp_memory",
                             "",
                             &Maker::mcp,
                             {{"name", 7}, {"entityType", {1}}, {"observations", "x"}}},
                      Format{"cortexgraph",
                             "memories",
                             &Maker::cortex,
                             {{"content", 7},
                              {"meta", 7},
                              {"created_at", true},
                              {"last_used", "x"},
                              {"use_count", 1.5},
                              {"strength", "x"},
                              {"status", "asleep"},
                              {"promoted_to", 7},
                              {"embed", "x"},
                              {"entities", {1}},
                              {"review_count", -1e30}}},
                      Format{"contextual_memory_pc2",
                             "contexts",
                             &Maker::context,
                             {{"context_id", 1.5},
                              {"session_id", Ordered::object()},
                              {"embedding", {"x"}},
                              {"created_at", "2026-13-01"},
                              {"expires_at", 1e300},
                              {"source_agent", 7},
                              {"tags", {7}}}},
                      Format{"session_memory_agent",
                             "sessions",
                             &Maker::session,
                             {{"session_id", std::string(65, 's')},
                              {"session_summary", 7},
                              {"conversation_history", 7},
                              {"created_at", {1}},
                              {"last_interaction", false}}},
                      Format{"jarvis_memory_pc2",
                             "users",
                             &Maker::jarvis,
                             {{"user_id", 0.5},
                              {"entity_knowledge", 7},
                              {"interaction_history", "x"},
                              {"skill_states", true},
                              {"created_at", "x"}}}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace tulving::testing
