// What is stored reaches a terminal as text and as nothing else: no control of any class, in any
// field, by any command, on stdout or stderr. A pipe gets it as it was stored. Tables keep one line
// a row and their columns upright.
//
// The binary runs on a pseudo-terminal that changes no byte. The classes of controls are listed
// here by themselves, after Unicode 15 and ECMA-48.

#include <wchar.h>

#include <clocale>
#include <random>
#include <regex>
#include <sstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Range {
  char32_t first, last;
};
// C0 but NUL, which is stored nowhere; DEL and C1; bidi controls; separators; deprecated format
// characters; annotations; tags.
constexpr Range kControls[] = {{0x01, 0x1F},     {0x7F, 0x9F},       {0x61C, 0x61C},
                               {0x200E, 0x200F}, {0x2028, 0x202E},   {0x2066, 0x206F},
                               {0xFFF9, 0xFFFB}, {0xE0001, 0xE0001}, {0xE0020, 0xE007F}};

bool is_control(char32_t code) {
  return std::ranges::any_of(
      kControls, [&](const Range& range) { return code >= range.first && code <= range.last; });
}

std::vector<char32_t> all_controls() {
  std::vector<char32_t> codes;
  for (const Range& range : kControls) {
    for (char32_t code = range.first; code <= range.last; ++code) codes.push_back(code);
  }
  return codes;
}

std::string utf8(char32_t code) {
  std::string bytes;
  const auto add = [&](char32_t byte) { bytes += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6U);
    add(0x80 | (code & 0x3FU));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12U);
    add(0x80 | (code >> 6U & 0x3FU));
    add(0x80 | (code & 0x3FU));
  } else {
    add(0xF0 | code >> 18U);
    add(0x80 | (code >> 12U & 0x3FU));
    add(0x80 | (code >> 6U & 0x3FU));
    add(0x80 | (code & 0x3FU));
  }
  return bytes;
}

/// The code points of `text`; one that is no UTF-8 as 0x110000 + the byte.
std::vector<char32_t> code_points(const std::string& text) {
  std::vector<char32_t> codes;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    char32_t code = length == 1 ? byte : byte & (0x7FU >> length);
    bool is_whole = byte < 0x80 || (byte >= 0xC2 && byte < 0xF5 && i + length <= text.size());
    for (std::size_t k = 1; is_whole && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      is_whole = (next & 0xC0U) == 0x80U;
      code = code << 6U | (next & 0x3FU);
    }
    codes.push_back(is_whole ? code : char32_t{0x110000} + byte);
    i += is_whole ? length : 1;
  }
  return codes;
}

/// What a terminal would act on, in hex; a line end and a tab are layout.
std::string controls_in(const std::string& output) {
  std::ostringstream found;
  for (const char32_t code : code_points(output)) {
    if (code == '\n' || code == '\t') continue;
    if (is_control(code) || code >= 0x110000) found << std::hex << static_cast<int>(code) << ' ';
  }
  return found.str();
}

/// Without the progress bar, which is the program's own and may move the cursor.
std::string without_progress(const std::string& output) {
  static const std::regex kBar("\r(\x1B\\[K|consolidate \\[[#.]*\\] +[0-9]+ %)");
  return std::regex_replace(output, kBar, "");
}

std::ptrdiff_t lines_in(const std::string& output) { return std::ranges::count(output, '\n'); }

class CliTerminal : public Cli {
 protected:
  /// A memory whose every text that a caller chooses has `part` in it.
  static Json memory_with(const std::string& part, int number) {
    const std::string name = "n" + std::to_string(number);
    return {{"kind", "memory"},
            {"tenant_id", "t"},
            {"external_id", name + part},
            {"text", "before " + part + " after"},
            {"summary", "sum" + part},
            {"memory_type", "note"},
            {"agent_id", "a" + part},
            {"user_id", "u" + part},
            {"session_id", "s" + part},
            {"tags", {"tag" + part}},
            {"entities", {"entity" + part}},
            {"metadata", {{"key" + part, "value" + part}}}};
  }
  static Json session_with(const std::string& part) {
    return {{"kind", "session"}, {"tenant_id", "t"}, {"session_id", "s" + part}};
  }
  /// Imports a memory for each part; how many were taken.
  int import_parts(const std::vector<std::string>& parts) {
    std::string lines;
    for (const std::string& part : parts) lines += session_with(part).dump() + "\n";
    int number = 0;
    for (const std::string& part : parts) lines += memory_with(part, number++).dump() + "\n";
    const Outcome outcome = run({"--json", "import", file("in.jsonl", lines)});
    return Json::parse(outcome.out).value("imported", 0);
  }
  void expect_no_control(const Arguments& arguments) {
    const Outcome outcome = run_on_terminal(arguments);
    EXPECT_THAT(controls_in(without_progress(outcome.out)), IsEmpty())
        << ::testing::PrintToString(arguments);
    EXPECT_THAT(outcome.out, Not(IsEmpty())) << ::testing::PrintToString(arguments);
  }
};

TEST_F(CliTerminal, NoControlOfAnyClassArrives) {
  std::vector<std::string> parts;
  for (const char32_t code : all_controls()) parts.push_back(utf8(code));
  // Rules may refuse a control in a name: what they let in is what is shown.
  const int taken = import_parts(parts);
  ASSERT_GE(taken, static_cast<int>(parts.size()));
  RecordProperty("cases", taken);

  expect_no_control({"list", "--tenant", "t", "--limit", "1000"});
  expect_no_control({"--json", "list", "--tenant", "t", "--limit", "1000"});
  expect_no_control({"search", "--tenant", "t", "--text", "before", "--k", "1000", "--explain"});
  expect_no_control({"--json", "search", "--tenant", "t", "--text", "before", "--k", "1000"});
  expect_no_control({"values", "--tenant", "t", "tags", "--limit", "10000"});
  expect_no_control({"session", "list", "--tenant", "t"});
  expect_no_control({"export"});
  expect_no_control({"decay", "--tenant", "t", "--limit", "1000"});
  expect_no_control({"consolidate", "--tenant", "t", "--dry-run"});
  expect_no_control({"--json", "consolidate", "--tenant", "t", "--dry-run"});
  const Json listed = json({"list", "--tenant", "t", "--limit", "1000"});
  for (std::size_t i = 0; i < listed["memories"].size(); i += 5) {
    const std::string id = listed["memories"][i]["id"];
    expect_no_control({"get", "--tenant", "t", id});
    expect_no_control({"history", "--tenant", "t", id});
  }
}

TEST_F(CliTerminal, NorInAnErrorThatQuotesIt) {
  add("t", "a", "tea");
  int number = 0;
  for (const char32_t code : all_controls()) {
    if (++number % 8 != 0) continue;
    const std::string odd = "no" + utf8(code) + "such";
    const Outcome missing = run_on_terminal({"get", "--tenant", "t", odd});
    EXPECT_EQ(missing.exit_code, 1);
    EXPECT_THAT(controls_in(missing.out), IsEmpty());
    EXPECT_EQ(lines_in(missing.out), 1) << missing.out;
    const Outcome no_vault =
        run_on_terminal({"notes", "--tenant", "t", "--dry-run", "--vault", path(odd)});
    EXPECT_THAT(controls_in(no_vault.out), IsEmpty());
    EXPECT_EQ(lines_in(no_vault.out), 2) << no_vault.out;
    expect_no_control({"list", "--tenant", odd});
    expect_no_control({"list", "--tenant", "t", "--filter", odd});
    expect_no_control({odd});
    expect_no_control({"stats", "--" + odd});
  }
  expect_no_control({"get", "--tenant", "t",
                     "\x9B"
                     "31m\xFF"});  // Bytes that are no UTF-8.
}

TEST_F(CliTerminal, RandomTextArrivesHarmlessAndAPipeGetsItVerbatim) {
  std::mt19937 random(7);
  const std::vector<char32_t> controls = all_controls();
  std::vector<std::string> parts;
  constexpr int kCases = 600;
  for (int i = 0; i < kCases; ++i) {
    std::string part;
    for (int k = 0; k < 6; ++k) {
      char32_t code = random() % 2 == 0 ? controls[random() % controls.size()]
                                        : static_cast<char32_t>(0x20 + random() % 0x10FFDF);
      if (code >= 0xD800 && code <= 0xDFFF) code = 0x1F600;
      part += utf8(code);
    }
    parts.push_back(part);
  }
  std::string lines;
  for (int i = 0; i < kCases; ++i) {
    const std::string name = "n" + std::to_string(i);
    lines += Json{{"kind", "memory"},
                  {"tenant_id", "t"},
                  {"external_id", name},
                  {"text", name + " " + parts[static_cast<std::size_t>(i)]}}
                 .dump() +
             "\n";
  }
  ASSERT_EQ(json({"import", "-"}, 0, lines)["imported"], kCases);

  const Outcome list = run_on_terminal({"list", "--tenant", "t", "--limit", "1000"});
  EXPECT_THAT(controls_in(list.out), IsEmpty());
  EXPECT_EQ(lines_in(list.out), kCases + 2) << "a row is a line, below the headings, and the count";
  EXPECT_EQ(lines_in(run({"list", "--tenant", "t", "--limit", "1000"}).out), kCases + 2)
      << "also where no terminal reads it";
  for (int i = 0; i < kCases; i += 20) {
    const std::string name = "n" + std::to_string(i);
    const std::string& part = parts[static_cast<std::size_t>(i)];
    expect_no_control({"get", "--tenant", "t", name});
    EXPECT_THAT(run({"get", "--tenant", "t", name}).out, HasSubstr(name + " " + part));
  }
}

TEST_F(CliTerminal, JsonOnATerminalIsTheSameDocument) {
  std::string odd;
  for (const char32_t code : all_controls()) odd += utf8(code);
  const std::string line = Json{{"kind", "memory"},
                                {"tenant_id", "t"},
                                {"external_id", "a"},
                                {"text", odd + "é 漢字 \\ \" 👩‍🌾"}}
                               .dump();
  ASSERT_EQ(json({"import", "-"}, 0, line)["imported"], 1);

  const Outcome shown = run_on_terminal({"--json", "get", "--tenant", "t", "a"});

  EXPECT_THAT(controls_in(shown.out), IsEmpty());
  EXPECT_THAT(shown.out, HasSubstr("é 漢字"));
  EXPECT_EQ(Json::parse(shown.out), json({"get", "--tenant", "t", "a"}));
  EXPECT_EQ(run_on_terminal({"export"}).out.find(odd), std::string::npos);
  EXPECT_EQ(Json::parse(run_on_terminal({"export"}).out), Json::parse(run({"export"}).out));
}

TEST_F(CliTerminal, AStoredLineBreakMakesNoLineOfItsOwn) {
  const std::string line = Json{{"kind", "memory"},
                                {"tenant_id", "t"},
                                {"external_id", "a"},
                                {"text", "one\nstatus         deleted\r\nthree"}}
                               .dump();
  ASSERT_EQ(json({"import", "-"}, 0, line)["imported"], 1);

  EXPECT_THAT(run_on_terminal({"get", "--tenant", "t", "a"}).out,
              HasSubstr("one\\nstatus         deleted\\r\\nthree"));
  EXPECT_THAT(run({"get", "--tenant", "t", "a"}).out,
              HasSubstr("one\nstatus         deleted\r\nthree"));
  EXPECT_THAT(run({"list", "--tenant", "t"}).out, HasSubstr("one\\nstatus"));
}

// Columns by the C library's wcwidth(3), which has tables of its own.
std::size_t columns_of(const std::string& text) {
  std::size_t columns = 0;
  for (const char32_t code : code_points(text)) {
    columns += static_cast<std::size_t>(std::max(0, wcwidth(static_cast<wchar_t>(code))));
  }
  return columns;
}

TEST_F(CliTerminal, ColumnsStandUprightUnderWideAndCombiningLetters) {
  ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
  std::mt19937 random(11);
  constexpr Range kLetters[] = {{'a', 'z'},         {0x300, 0x36F},   {0x5D0, 0x5EA},
                                {0x5B0, 0x5BC},     {0x905, 0x939},   {0x3041, 0x3096},
                                {0x4E00, 0x9FA5},   {0xAC00, 0xD7A3}, {0xFF21, 0xFF3A},
                                {0x1F600, 0x1F64F}, {0x200D, 0x200D}};
  std::string lines;
  constexpr int kCases = 400;
  for (int i = 0; i < kCases; ++i) {
    std::string name = std::to_string(i);
    for (int k = 0; k < 8; ++k) {
      const Range& range = kLetters[random() % std::size(kLetters)];
      name += utf8(range.first + static_cast<char32_t>(random() % (range.last - range.first + 1)));
    }
    lines += Json{{"kind", "memory"},
                  {"tenant_id", "t"},
                  {"external_id", name},
                  {"text", "MARK"},
                  {"memory_type", "interaction"}}
                 .dump() +
             "\n";
  }
  ASSERT_EQ(json({"import", "-"}, 0, lines)["imported"], kCases);

  for (const std::string& output :
       {run({"list", "--tenant", "t", "--limit", "1000"}).out,
        run_on_terminal({"list", "--tenant", "t", "--limit", "1000"}).out}) {
    std::istringstream rows(output);
    std::string heading, row;
    std::getline(rows, heading);
    int upright = 0;
    while (std::getline(rows, row)) {
      if (row.find("MARK") == std::string::npos) continue;
      EXPECT_EQ(columns_of(row.substr(0, row.find("MARK"))), heading.find("TEXT")) << row;
      ++upright;
    }
    EXPECT_EQ(upright, kCases);
  }
}

TEST_F(CliTerminal, ANarrowOneGetsNoLineThatIsWider) {
  add("t", "a", std::string(300, 'x') + "\n\x1B[2J" + std::string(300, 'y'));
  std::istringstream rows(run_on_terminal({"list", "--tenant", "t"}, 100).out);
  for (std::string row; std::getline(rows, row);) EXPECT_LE(columns_of(row), 100U) << row;
}

}  // namespace
}  // namespace tulving::testing
