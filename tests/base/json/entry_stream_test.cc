// What is promised: a file of rows gives the same entries however it is laid out and however it is
// cut into pieces; what is wrong costs the entry that it is in, and where that cannot be told, all
// that comes after; memory is bounded by the longest entry. nlohmann's parser is the other opinion.

#include "core/base/json/entry_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace tulving {
namespace {

using Json = nlohmann::json;
using Kind = Entry::Kind;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kEnvelopes[] = {"rows", "more"};
constexpr std::string_view kLists[] = {"turns", "facts"};
const EntryShape kShape = {.envelopes = kEnvelopes, .lists = kLists};

/// All entries of a file; `piece` gives the length of the next piece.
template <class Piece>
std::vector<Entry> entries_of(std::string_view file, Piece piece, std::size_t bytes_max = 1000) {
  EntryStream stream(kShape, bytes_max);
  std::vector<Entry> all;
  Entry entry;
  std::uint64_t line = 0;
  while (!file.empty()) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    std::string_view text = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    ++line;
    while (!text.empty()) {
      std::string_view part = text.substr(0, piece());
      text.remove_prefix(part.size());
      while (stream.next(part, line, entry)) all.push_back(entry);
      EXPECT_TRUE(part.empty());
    }
    if (stream.end_line(entry)) all.push_back(entry);
  }
  if (stream.end(entry)) all.push_back(entry);
  return all;
}
std::vector<Entry> entries_of(std::string_view file) {
  return entries_of(file, [] { return std::string_view::npos; });
}

/// An entry as a line, to compare and to read.
std::string shown(const Entry& entry) {
  const char* const kinds[] = {"row", "element", "element fault", "fault", "end"};
  const Json value = Json::parse(entry.text, nullptr, false);
  return std::string(kinds[static_cast<int>(entry.kind)]) + " " + entry.within + " " + entry.key +
         " " + std::to_string(entry.index) + " " + entry.place + " " +
         (value.is_discarded() ? entry.text : value.dump());
}
std::vector<std::string> shown(const std::vector<Entry>& entries) {
  std::vector<std::string> lines;
  for (const Entry& entry : entries) lines.push_back(shown(entry));
  return lines;
}

class Rows {
 public:
  explicit Rows(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  Json value(int depth = 3) {
    const Json scalars[] = {nullptr, true, -7, 0.25, "", "a \"quoted\" \\ {[,:]}\n\xC3\xA4", "x"};
    const std::size_t pick = below(depth == 0 ? 7 : 9);
    if (pick < 7) return scalars[pick];
    Json many = pick == 7 ? Json::array() : Json::object();
    for (std::size_t i = below(4); i > 0; --i) {
      const Json inner = value(depth - 1);
      pick == 7 ? many.push_back(inner) : void(many["k" + std::to_string(below(9))] = inner);
    }
    return many;
  }
  Json row() {
    Json row = Json::object();
    for (std::size_t i = below(4); i > 0; --i) row["m" + std::to_string(below(9))] = value();
    for (const std::string_view list : kLists) {
      if (below(2) == 0) continue;
      Json elements = below(3) == 0 ? Json::object() : Json::array();
      for (std::size_t i = below(4); i > 0; --i) {
        const Json inner = value();
        elements.is_array() ? elements.push_back(inner)
                            : void(elements["e/" + std::to_string(below(99))] = inner);
      }
      row[std::string(list)] = elements;
    }
    return row;
  }

 private:
  std::mt19937 random_;
};

/// What a row must give, by the parser that has it whole.
void expect_row(const Json& row, const std::string& within, const std::string& key,
                std::size_t index, const std::string& place, std::vector<std::string>& lines) {
  Json rest = row;
  // nlohmann keeps members in the order of their names, and writes them so.
  for (const auto& [name, list] : row.items()) {
    if (name != "turns" && name != "facts") continue;
    if (!list.is_structured()) continue;
    std::size_t i = 0;
    for (const auto& [part, value] : list.items()) {
      std::string pointer = part;
      if (list.is_object()) pointer.replace(pointer.find('/'), 1, "~1");
      lines.push_back("element " + name + " " + (list.is_object() ? Json(part).dump() : "") + " " +
                      std::to_string(i++) + " " + place + "/" + name + "/" + pointer + " " +
                      value.dump());
    }
    rest.erase(name);
  }
  lines.push_back("row " + within + " " + key + " " + std::to_string(index) + " " + place + " " +
                  rest.dump());
}

TEST(EntryStream, GivesTheSameHoweverTheRowsAreLaidOutAndCut) {
  for (std::uint32_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(seed);
    Rows rows(seed);
    const std::size_t layout = rows.below(5);
    Json all = layout == 3 ? Json::object() : Json::array();
    std::string lines;
    std::vector<std::string> expected;
    for (std::size_t i = 0, count = rows.below(5); i < count; ++i) {
      const Json row = rows.row();
      const std::string at = std::to_string(i);
      if (layout == 0) expect_row(row, "", "", 0, "", expected);
      if (layout == 1 || layout == 4) expect_row(row, "", "", i, "/" + at, expected);
      if (layout == 2) expect_row(row, "rows", "", i, "/rows/" + at, expected);
      if (layout == 3) {
        expect_row(row, "more", Json("k" + at).dump(), i, "/more/k" + at, expected);
      }
      layout == 3 ? void(all["k" + at] = row) : all.push_back(row);
      lines += row.dump() + (rows.below(4) == 0 ? "\r\n\n" : "\n");
    }
    std::string file = lines;
    if (layout == 1) file = all.dump();
    if (layout == 2) file = Json{{"count", 1}, {"rows", all}, {"x", {1, 2}}}.dump(2);
    if (layout == 3) file = Json{{"more", all}}.dump(-1);
    if (layout == 4) file = all.dump(1);

    const auto whole = entries_of(file);
    const auto in_pieces = entries_of(file, [&] { return 1 + rows.below(7); });

    EXPECT_EQ(shown(whole), expected) << file;
    EXPECT_EQ(shown(in_pieces), shown(whole)) << file;
  }
}

TEST(EntryStream, KeepsEntriesAsTheyAreWritten) {
  const auto entries = entries_of(R"([{"a": 1e400 , "turns": [ 1.50, NaN, "\ud800" ],"b":-0}])");
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].text, "1.50");
  EXPECT_EQ(entries[1].text, "NaN");
  EXPECT_EQ(entries[2].text, R"("\ud800")");
  EXPECT_EQ(entries[3].text, R"({"a":1e400,"b":-0})");
}

TEST(EntryStream, TellsTheLineOfEachEntry) {
  const auto entries = entries_of("[\n {\"a\":\n1},\n\n {}, [\n7]\n]");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].line, 2U);
  EXPECT_EQ(entries[1].line, 5U);
  EXPECT_EQ(entries[2].line, 5U);
}

struct Broken {
  const char* name;
  const char* file;
  std::vector<Kind> kinds;
  const char* says;
};
constexpr Kind kRow = Kind::kRow, kFault = Kind::kFault, kEnd = Kind::kEnd;

class EntryStreamBroken : public ::testing::TestWithParam<Broken> {};

TEST_P(EntryStreamBroken, CostsNoMoreThanItMust) {
  const auto entries = entries_of(GetParam().file);
  std::vector<Kind> kinds;
  std::string said;
  for (const Entry& entry : entries) {
    kinds.push_back(entry.kind);
    if (entry.kind != kRow) said += entry.text;
  }
  EXPECT_EQ(kinds, GetParam().kinds) << GetParam().file;
  EXPECT_THAT(said, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Each, EntryStreamBroken,
    ::testing::Values(
        Broken{"NoComma", R"([{"a":1 "b":2},{"c":3}])", {kFault, kRow}, "expected ','"},
        Broken{"NoColon", R"([{"a" 1},{"c":3}])", {kFault, kRow}, "expected ':'"},
        Broken{"NoName", R"([{1:{"x":"}"}},{"c":3}])", {kFault, kRow}, "member name"},
        Broken{"OtherBracket", R"([{"a":1],{"c":3}])", {kFault, kRow}, "do not match"},
        Broken{"InAList",
               "[{\"turns\":[1 \"]\"],\"b\":2},{}]",
               {Kind::kElement, kFault, kRow},
               "expected ','"},
        Broken{"CommaAtTheEnd", R"([{"a":1,},{"c":3}])", {kFault, kRow}, "member name"},
        Broken{"BetweenRows", R"([{"a":1} {"c":3}])", {kRow, kEnd}, "expected ','"},
        Broken{"AfterTheEnvelope", R"({"rows":[{}],5})", {kRow, kEnd}, "member name"},
        Broken{"CutInARow", R"([{"a":1},{"c":)", {kRow, kEnd}, "was cut"},
        Broken{"CutInAString", R"([{"a":1},{"c":"x)", {kRow, kEnd}, "was cut"},
        Broken{"CutBetween", R"([{"a":1},)", {kRow, kEnd}, "was cut"},
        Broken{
            "ALine", "{\"a\":1}\n{\"b\":\n{\"c\":3}\n", {kRow, kFault, kRow}, "within an object"},
        Broken{"ALineInAString",
               "{\"a\":1}\n{\"b\":\"x\n{\"c\":3}\n",
               {kRow, kFault, kRow},
               "within an object"},
        Broken{"TheFirstLine",
               "{\"a\":1,\"b\"\n{\"c\":3}\n{\"d\":4}\n",
               {kFault, kRow, kRow},
               "within an object"},
        Broken{
            "TheFirstLineInAString", "{\"a\":\"x\n{\"c\":3}\n", {kFault, kRow}, "within an object"},
        Broken{"TheLastLine", "{\"a\":1}\n{\"b\":[", {kRow, kFault}, "within an object"},
        Broken{"OneLine", "{\"a\":1", {kEnd}, "was cut"},
        Broken{"NoJson", "hello\n", {kFault}, "not JSON"},
        Broken{"ALineOfText", "{\"a\":1}\nhello\n{}\n", {kRow, kFault, kRow}, "not JSON"},
        Broken{"AScalarRow", "[7,{}]", {kRow, kRow}, ""}, Broken{"Nothing", " \n\n", {}, ""}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(EntryStream, LongEntriesAreRefusedAndTheOthersAreNot) {
  const std::string x(1200, 'x');
  const std::string file = "[{\"a\":\"" + x + "\"},{\"turns\":[\"" + x + "\",1]},{\"" + x +
                           "\":1},{\"a\":\"" + x.substr(0, 600) + "\",\"b\":\"" + x.substr(0, 600) +
                           "\"},{\"b\":2}]";
  std::vector<Kind> kinds;
  for (const Entry& entry : entries_of(file)) kinds.push_back(entry.kind);
  EXPECT_THAT(kinds, ::testing::ElementsAre(kFault, Kind::kElementFault, Kind::kElement, kRow,
                                            kFault, kFault, kRow));
}

TEST(EntryStream, ASecondListOfANameIsLeftInTheRow) {
  const auto entries = entries_of(R"([{"turns":[1],"turns":[2]}])");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].text, R"({"turns":[2]})");
}

// Every file with a byte changed, left out or put in is read to its end, and gives what it gives
// whole when it comes byte by byte.
TEST(EntryStream, AnyBytesAreReadAlikeInOneAndByteByByte) {
  Rows rows(7);
  for (int i = 0; i < 4000; ++i) {
    std::string file = Json{{"rows", {rows.row(), rows.row()}}}.dump(rows.below(2) == 0 ? -1 : 1);
    if (rows.below(3) == 0) file = rows.row().dump() + "\n" + rows.row().dump() + "\n";
    for (std::size_t n = 1 + rows.below(3); n > 0; --n) {
      const std::size_t at = rows.below(file.size());
      const char byte = "{}[],:\"\\\n 7xn"[rows.below(13)];
      const std::size_t how = rows.below(3);
      if (how == 0) file[at] = byte;
      if (how == 1) file.erase(at, 1 + rows.below(5));
      if (how == 2) file.insert(at, 1, byte);
      if (file.empty()) file = "[";
    }
    EXPECT_EQ(shown(entries_of(file)), shown(entries_of(file, [] { return 1; }))) << file;
  }
}

TEST(EntryStream, MemoryDoesNotGrowWithTheFile) {
  const auto peak_kb = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  EntryStream stream(kShape, 1 << 20U);
  const std::string part = R"({"a":"some text","turns":[{"x":1},{"x":2}]},)";
  std::string block;
  while (block.size() < (64U << 10U)) block += part;
  Entry entry;
  std::uint64_t rows = 0;
  const auto feed = [&](std::string_view text) {
    while (stream.next(text, 1, entry)) rows += entry.kind == kRow ? 1 : 0;
  };
  feed("[");
  for (int i = 0; i < 16; ++i) feed(block);
  const auto before = peak_kb();

  for (int i = 0; i < 512; ++i) feed(block);  // 32 MB of one line.

  EXPECT_LT(peak_kb() - before, 8 << 10U);
  EXPECT_GT(rows, 700'000U);
}

}  // namespace
}  // namespace tulving
