// What export writes, import takes back: the second store exports the same bytes.

#include <fstream>
#include <sstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliExport : public Cli {
 protected:
  /// A store with every kind of record, in two tenants, with everything that is easily lost: other
  /// scripts, escapes, odd floats, forgotten, archived and expired memories.
  void fill() {
    const std::string input =
        R"({"kind":"session","tenant_id":"acme","session_id":"s1","user_id":"u","summary":"first","metadata":{"a":[1,2.5,null]},"created_at":"2026-01-01T00:00:00.000001Z","ended_at":"2026-01-02T00:00:00Z","is_archived":true}
{"kind":"memory","tenant_id":"acme","external_id":"a","session_id":"s1","agent_id":"g","text":"naïve \"quotes\"\n\ttab \\ 泊位 🚢","tags":["b","a"],"entities":["Éva"],"facts":["f"],"keywords":["k"],"metadata":{"n":1e-7,"deep":{"x":true}},"content":{"extra":[1,{"y":null}]},"priority":9,"strength":0.1,"use_count":3,"created_at":"2026-01-01T10:00:00.123456Z","last_used":"2026-01-03T00:00:00Z","embedding":[0.1,-1e-20,3.4e38],"goal":"g","result":"r","feedback":"f","tool_usage":{"t":1},"actions":["x"],"outcome":"o","success":false,"error_patterns":[1],"is_critical":true,"criticality_reason":"c"}
{"kind":"memory","tenant_id":"acme","external_id":"b","text":"two","status":"archived","archived_at":"2026-02-01T00:00:00Z","created_at":"2026-01-01T11:00:00Z","embedding":[1,2,3],"abstraction_level":2,"pattern_type":"gotcha","confidence_score":0.3,"consolidation_method":"hybrid"}
{"kind":"memory","tenant_id":"acme","external_id":"c","text":"three","expires_at":"2026-01-05T00:00:00Z","created_at":"2026-01-01T12:00:00Z","embedding":[3,2,1]}
{"kind":"relation","tenant_id":"acme","source_id":"a","target_id":"b","relation_type":"causes","strength":0.1,"confidence":0.7,"metadata":{"why":"x"},"created_at":"2026-01-04T00:00:00Z"}
{"kind":"memory","tenant_id":"other","external_id":"a","text":"two","created_at":"2026-01-01T11:00:00Z","embedding":[1,1,1]}
)";
    ASSERT_EQ(json({"import", "-"}, 0, input)["imported"], 6);
    json({"forget", "--tenant", "acme", "c"});
  }

  /// Imports into a second store, and exports that.
  std::string exported_again(const Arguments& arguments) {
    Arguments import = {"--db", path("second"), "--json", "import"};
    import.insert(import.end(), arguments.begin(), arguments.end());
    const Outcome outcome = run_bare(import);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
    return run_bare({"--db", path("second"), "export", "--with-embeddings"}).out;
  }
};

TEST_F(CliExport, ComesBackTheSameFromAFile) {
  fill();
  const std::string first = exported();
  EXPECT_THAT(first, HasSubstr("泊位"));

  EXPECT_EQ(exported_again({file("out.jsonl", first)}), first);
}

TEST_F(CliExport, ComesBackTheSameWithVectorsBesideIt) {
  fill();
  ASSERT_EQ(run({"export", path("out.jsonl"), "--vectors", path("out.fvecs")}).exit_code, 0);

  EXPECT_THAT(contents(path("out.jsonl")), ::testing::Not(HasSubstr("embedding")));
  EXPECT_EQ(exported_again({path("out.jsonl"), "--vectors", path("out.fvecs")}), exported());
}

TEST_F(CliExport, ImportedIntoItsOwnStoreChangesNothing) {
  fill();
  const std::string before = exported();

  const Json summary = json({"import", file("out.jsonl", before)});

  EXPECT_EQ(summary["unchanged"], 6) << summary;
  EXPECT_EQ(exported(), before);
}

TEST_F(CliExport, OfOneTenantHoldsNothingOfAnother) {
  fill();

  const Outcome outcome = run({"export", "--tenant", "other"});

  const Json line = Json::parse(outcome.out);
  EXPECT_EQ(line["tenant_id"], "other");
  EXPECT_THAT(run({"export", "--tenant", "nobody"}), Failed(1));
}

TEST_F(CliExport, AMemoryWithoutAVectorFailsAndLeavesNoHalfFile) {
  fill();
  add("acme", "d", "no vector");

  const Outcome outcome = run({"export", path("out.jsonl"), "--vectors", path("out.fvecs")});

  EXPECT_THAT(outcome, Failed(1));
  EXPECT_FALSE(std::filesystem::exists(path("out.jsonl")));
  EXPECT_FALSE(std::filesystem::exists(path("out.fvecs")));
}

TEST_F(CliExport, SaysHowManyRecordsWentIntoAFile) {
  fill();

  EXPECT_EQ(json({"export", path("out.jsonl")})["records"], 6);
  EXPECT_EQ(run({"export", path("out.jsonl")}).out, "exported 6 records\n");
  EXPECT_EQ(contents(path("out.jsonl")), run({"export"}).out);
}

TEST_F(CliExport, LeavesErasedMemoriesOut) {
  fill();
  json({"erase", "--tenant", "acme", "a"});

  EXPECT_THAT(exported(), ::testing::Not(HasSubstr("quotes")));
  EXPECT_THAT(exported(), ::testing::Not(HasSubstr("causes")));
}

}  // namespace
}  // namespace tulving::testing
