// No line of an import replaces another's, however files are cut, killed and repeated; names and
// ids outlive an export and a change of tenant; and lines may stand above what they refer to.
// Random files go through the real binary and a plain model (tests/engine/write/import_model.h).

#include <csignal>
#include <sstream>

#include "tests/cli/cli.h"
#include "tests/engine/write/import_model.h"

namespace tulving::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kFiles = 25;

class CliIdentity : public Cli {
 protected:
  /// The file's text; each line is written in one of the ways in which it can be.
  std::string text_of(const std::vector<ImportLine>& lines, const std::string& tenant = "t") {
    std::string text;
    for (const ImportLine& line : lines) text += LineWriter(random_)(line, tenant) + "\n";
    return text;
  }
  static std::set<std::size_t> refused(const Json& summary) {
    std::set<std::size_t> places;
    for (const Json& error : summary["errors"]) {
      places.insert(error["line"].get<std::size_t>() - 1);
    }
    return places;
  }
  Json import(const std::vector<ImportLine>& lines, const std::set<std::size_t>& refused) {
    return json({"import", "-"}, refused.empty() ? 0 : 2, text_of(lines));
  }

  void compare(const ImportModel& model, const std::string& tenant = "t") {
    std::map<std::string, ImportLine> by_id;
    std::multiset<ImportLine> nameless;
    std::size_t relations = 0;
    std::istringstream lines(run({"export", "--tenant", tenant}).out);
    for (std::string text; std::getline(lines, text);) {
      const auto record = parse_record(text);
      ASSERT_TRUE(record) << text;
      relations += std::holds_alternative<Relation>(record->record) ? 1 : 0;
      const auto* memory = std::get_if<Memory>(&record->record);
      if (memory == nullptr) continue;
      const std::string id = memory->id.to_string();
      if (model.by_id().contains(id)) {
        by_id[id] = line_of(*memory, true);
      } else {
        nameless.insert(line_of(*memory, false));
      }
    }
    EXPECT_EQ(by_id, model.by_id());
    EXPECT_EQ(nameless, model.nameless());
    EXPECT_EQ(relations, model.relations());
  }

  std::vector<ImportLine> random_lines(std::size_t lines_max) {
    return RandomLines(random_)(1 + random_() % lines_max);
  }
  void next_store() { std::filesystem::remove_all(db()); }

  std::mt19937 random_{41};
};

TEST_F(CliIdentity, RandomFilesAreHeldWholeAndRepeatable) {
  for (int i = 0; i < kFiles && !HasFailure(); ++i) {
    next_store();
    ImportModel model("t");
    const auto lines = random_lines(600);  // Several batches.
    for (int time = 0; time < 2; ++time) {
      const auto expected = model.import(lines);
      const Json summary = import(lines, expected);
      EXPECT_EQ(refused(summary), expected) << summary;
      if (time == 1) {
        EXPECT_EQ(summary["imported"], 0) << summary;
      }
      compare(model);
    }
  }
}

TEST_F(CliIdentity, RandomFilesCutInTwoAreHeldWhole) {
  for (int i = 0; i < kFiles && !HasFailure(); ++i) {
    next_store();
    ImportModel model("t");
    const auto lines = random_lines(300);
    const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(random_() % lines.size());
    for (const auto& part :
         {std::vector(lines.begin(), middle), std::vector(middle, lines.end())}) {
      const auto expected = model.import(part);
      EXPECT_EQ(refused(import(part, expected)), expected);
    }
    compare(model);
  }
}

TEST_F(CliIdentity, StrictTakesWhatGoesInAndNothingOfWhatDoesNot) {
  int taken = 0;
  for (int i = 0; i < 2 * kFiles && !HasFailure(); ++i) {
    next_store();
    ImportModel model("t");
    const auto lines = random_lines(12);
    const auto expected = model.import(lines);

    const Json summary =
        json({"import", "--strict", "-"}, expected.empty() ? 0 : 2, text_of(lines));

    EXPECT_EQ(refused(summary), expected) << summary;
    if (expected.empty()) {
      compare(model);
      ++taken;
    } else {
      EXPECT_FALSE(std::filesystem::exists(db()));
    }
  }
  EXPECT_GT(taken, 0);
}

TEST_F(CliIdentity, KilledAndRunAgainIsAsRunOnce) {
  for (int i = 0; i < kFiles && !HasFailure(); ++i) {
    next_store();
    ImportModel model("t");
    const auto lines = random_lines(300);
    const std::string input = file("in.jsonl", text_of(lines));
    Running killed = start({"--db", db(), "import", "--ack", input});
    for (std::size_t acks = random_() % 40; acks > 0; --acks) read_line(killed);
    kill(killed.pid, SIGKILL);
    wait_for(killed);

    const auto expected = model.import(lines);
    const Json summary = json({"import", input}, expected.empty() ? 0 : 2);

    EXPECT_EQ(refused(summary), expected) << summary;
    compare(model);
  }
}

TEST_F(CliIdentity, AnExportGoesIntoAnotherStoreAndAnotherTenantWithItsNames) {
  for (int i = 0; i < kFiles && !HasFailure(); ++i) {
    next_store();
    std::filesystem::remove_all(path("second"));
    ImportModel model("t");
    const auto lines = random_lines(60);
    import(lines, model.import(lines));
    const std::string all = exported();
    const std::string input = file("out.jsonl", all);
    for (const Arguments& where : {Arguments{"--db", path("second")}, Arguments{"--db", db()}}) {
      const auto with = [&](Arguments more) {
        more.insert(more.begin(), where.begin(), where.end());
        return run_bare(more);
      };
      ASSERT_EQ(with({"import", input}).exit_code, 0);
      EXPECT_EQ(with({"export", "--tenant", "t", "--with-embeddings"}).out, all);
    }
    std::string renamed = all;
    for (std::size_t at = 0; (at = renamed.find(R"("tenant_id":"t")", at)) != std::string::npos;) {
      renamed.replace(at, 15, R"("tenant_id":"u")");
    }

    json({"import", "-"}, 0, renamed);

    compare(model, "u");
    EXPECT_EQ(json({"import", "-"}, 0, renamed)["imported"], 0);
    for (const auto& [id, line] : model.by_id()) {
      if (line.name.empty()) continue;
      EXPECT_EQ(json({"get", "--tenant", "u", line.name})["id"], id);
      break;
    }
  }
}

TEST_F(CliIdentity, TwoUsersAndEveryFieldMakeTwoMemories) {
  const std::vector<std::string> fields = {
      R"("user_id":"bo")",       R"("project_id":"p")", R"("task_id":"k")",
      R"("stage_id":"g")",       R"("priority":7)",     R"("memory_type":"decision")",
      R"("layer":"semantic")",   R"("tags":["x"])",     R"("entities":["x"])",
      R"("metadata":{"a":1})",   R"("source_id":"d")",  R"("expires_at":"2030-01-01T00:00:00Z")",
      R"("outcome":"it worked")"};
  std::string input = R"({"kind":"memory","tenant_id":"t","text":"Prefers green tea."})";
  for (const std::string& field : fields) {
    input +=
        "\n"
        R"({"kind":"memory","tenant_id":"t","text":"Prefers green tea.",)" +
        field + "}";
  }

  EXPECT_EQ(counts(json({"import", "-"}, 0, input)), (Json{fields.size() + 1, 0, 0, 0}));
  EXPECT_EQ(counts(json({"import", "-"}, 0, input)), (Json{0, fields.size() + 1, 0, 0}));
}

TEST_F(CliIdentity, AVectorMadeAnewIsAnUpdate) {
  const std::string line = R"({"kind":"memory","tenant_id":"t","text":"tea"})";
  const std::string input = file("in.jsonl", line + "\n" + line + "\n");
  const auto import_with = [&](const std::vector<std::vector<float>>& rows) {
    return counts(json({"import", input, "--vectors", fvecs("in.fvecs", rows)}));
  };
  EXPECT_EQ(import_with({{1, 0}, {0, 1}}), (Json{2, 0, 0, 0}));
  EXPECT_EQ(import_with({{1, 0}, {0, 1}}), (Json{0, 2, 0, 0}));
  EXPECT_EQ(import_with({{1, 0}, {0.5, 1}}), (Json{0, 1, 1, 0}));
}

TEST_F(CliIdentity, ANameIsOneMemorysAndTheErrorNamesBoth) {
  const std::string input =
      R"({"kind":"memory","tenant_id":"t","id":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789aa","external_id":"note-1","text":"Has an id and a name."}
{"kind":"memory","tenant_id":"t","id":"9f1c2d3e-4b5a-4c6d-8e7f-0123456789bb","external_id":"note-1","text":"Another id, the same name."}
)";

  const Json summary = json({"import", "-"}, 2, input);

  EXPECT_EQ(counts(summary), (Json{1, 0, 0, 1}));
  EXPECT_EQ(summary["errors"][0]["line"], 2);
  EXPECT_EQ(summary["errors"][0]["field"], "external_id");
  EXPECT_THAT(summary["errors"][0]["error"].get<std::string>(),
              AllOf(HasSubstr("0123456789aa"), HasSubstr("0123456789bb")));
  EXPECT_EQ(json({"get", "--tenant", "t", "note-1"})["text"], "Has an id and a name.");
  EXPECT_EQ(
      names(json({"list", "--tenant", "t", "--filter", R"({"external_id":"note-1"})"})["memories"]),
      std::vector<std::string>{"note-1"});
}

// Lines far apart, and a session below thousands of its turns: beyond any batch.
TEST_F(CliIdentity, LinesStandAboveWhatTheyReferTo) {
  std::string input =
      R"({"kind":"relation","tenant_id":"t","source_id":"m1","target_id":"m999"})"
      "\n"
      R"({"kind":"relation","tenant_id":"t","source_id":"m1","target_id":"nobody"})"
      "\n"
      R"({"kind":"memory","tenant_id":"t","external_id":"part","text":"p","consolidated_into_id":"m1000","status":"archived"})"
      "\n"
      R"({"kind":"memory","tenant_id":"t","text":"lost","session_id":"nowhere"})"
      "\n";
  for (int i = 1; i <= 1000; ++i) {
    input += R"({"kind":"memory","tenant_id":"t","session_id":"s","external_id":"m)" +
             std::to_string(i) + R"(","text":"turn )" + std::to_string(i) + "\"}\n";
  }
  input += R"({"kind":"session","tenant_id":"t","session_id":"s"})";

  for (const Arguments& how : {Arguments{"import", "-"}, Arguments{"import", "--ack", "-"}}) {
    next_store();
    const Outcome outcome = run(how, input);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.out, HasSubstr("imported 1003, unchanged 0, updated 0, rejected 2"));
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("line 2: "), HasSubstr("line 4: ")));
    EXPECT_EQ(json({"related", "--tenant", "t", "m1"})["related"].size(), 1U);
  }
  next_store();
  const Json summary = json({"import", "--strict", "-"}, 2, input);
  EXPECT_EQ(counts(summary), (Json{0, 0, 0, 2}));
  EXPECT_EQ(summary["errors"][0]["line"], 2);
  EXPECT_EQ(summary["errors"][1]["line"], 4);
}

// The line that waits for its session is the earlier one, so the later one's word is the last.
TEST_F(CliIdentity, WaitingForASessionDoesNotPutALineAfterALaterOne) {
  const std::string input =
      R"({"kind":"memory","tenant_id":"t","external_id":"a","text":"old","session_id":"s"}
{"kind":"memory","tenant_id":"t","external_id":"a","text":"new"}
{"kind":"session","tenant_id":"t","session_id":"s"}
)";

  for (const Arguments& how : {Arguments{"import", "-"}, Arguments{"import", "--ack", "-"}}) {
    next_store();
    ASSERT_EQ(run(how, input).exit_code, 0);
    EXPECT_EQ(json({"get", "--tenant", "t", "a"})["text"], "new");
  }
}

TEST_F(CliIdentity, AnIdempotencyKeyForAnotherMemoryIsAConflict) {
  const Arguments first = {"add", "--tenant", "t", "--text", "paid", "--idempotency-key", "k7"};
  Arguments second = first;
  second[4] = "paid twice";

  const Json added = json(first);
  EXPECT_EQ(json(first)["id"], added["id"]);
  const Outcome refused = run(second);

  EXPECT_THAT(refused, Failed(1));
  EXPECT_THAT(refused.err, HasSubstr("k7"));
}

}  // namespace
}  // namespace tulving::testing
