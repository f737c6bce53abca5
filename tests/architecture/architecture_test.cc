// What is promised: dependencies point one way (tools -> core/engine -> index, storage ->
// core/model, core/base -> core/include), index and storage never meet, each library stays in its
// folder, and no public header shows one. The test reads the #includes of every source file and
// holds them against the table below; made-up files prove that the check can fail.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/include_rules.h"
#include "tests/architecture/source_files.h"

namespace tulving::architecture {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A ratchet: lower it when the longest file has become shorter, never raise it.
constexpr std::ptrdiff_t kLinesMax = 400;

const Rules kRules = {
    .folders =
        {
            {"core/include/tulving", {"tulving"}},
            {"core/base", {"tulving", "core/base"}},
            {"core/kinds", {"tulving", "core/base", "core/kinds"}},
            {"core/model", {"tulving", "core/base", "core/kinds", "core/model"}},
            {"core/json", {"tulving", "core/base", "core/kinds", "core/model", "core/json"}},
            {"core/merging",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging"}},
            // The rooms of a part in the order in which they look down on each other.
            {"core/engine/record",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "index/text", "core/engine/record"}},
            {"core/engine/state",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h", "index",
              "core/engine/record", "core/engine/state"}},
            {"core/engine/select",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "index/kernels", "core/engine/record", "core/engine/state", "core/engine/select"}},
            {"core/engine/search",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h", "index",
              "core/engine/record", "core/engine/state", "core/engine/select",
              "core/engine/search"}},
            {"core/engine/write",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "storage/journal.h", "storage/keys.h", "storage/vector_tombstone.h",
              "core/engine/record", "core/engine/state", "core/engine/write"}},
            {"core/engine/follow",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "core/merging", "core/engine/record", "core/engine/state", "core/engine/write",
              "core/engine/follow"}},
            {"core/engine/plans",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "core/engine/record", "core/engine/state", "core/engine/write", "core/engine/follow",
              "core/engine/plans"}},
            {"core/engine/embed",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "core/engine/record", "core/engine/state", "core/engine/write", "core/engine/embed"}},
            {"core/engine/store",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "storage/journal.h", "storage/keys.h", "storage/changes.h",
              "storage/vector_tombstone.h", "storage/memory/memory_journal.h",
              "storage/rocksdb/rocksdb_journal.h", "storage/snapshot/snapshot_files.h",
              "core/engine/record", "core/engine/state", "core/engine/write", "core/engine/follow",
              "core/engine/embed", "core/engine/store"}},
            {"core/engine/read",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "storage/changes.h", "storage/journal.h", "storage/keys.h",
              "storage/vector_tombstone.h", "index/cluster", "index/text/text_check.h",
              "index/vectors/vector_arm.h", "core/engine/record", "core/engine/state",
              "core/engine/select", "core/engine/embed", "core/engine/store", "core/engine/read"}},
            {"core/engine/tenant",
             {"tulving", "core/base", "core/kinds", "core/model", "index/cluster",
              "index/vectors/vector_arm.h", "core/engine"}},
            {"core/consolidation/work",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/work"}},
            {"core/consolidation/vault",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/work", "core/consolidation/vault",
              "core/engine/store/store_files.h"}},
            {"core/consolidation/findings",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/work", "core/consolidation/vault",
              "core/consolidation/findings"}},
            {"core/consolidation/agents",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/work", "core/consolidation/vault", "core/consolidation/findings",
              "core/consolidation/agents", "core/engine/store/store_files.h"}},
            {"core/consolidation/jobs",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/work", "core/consolidation/vault", "core/consolidation/findings",
              "core/consolidation/jobs"}},
            {"core/consolidation/tracker",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/tracker", "core/engine/store/store_files.h"}},
            {"core/consolidation/upkeep",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json", "core/merging",
              "core/consolidation/work", "core/consolidation/upkeep"}},
            // Texts to vectors: knows no store and no record, and multiplies with index's kernels.
            {"core/embedding",
             {"tulving/embedder.h", "tulving/result.h", "core/base", "index/kernels",
              "index/vectors/rows/aligned_array.h", "core/embedding"}},
            // A library of its own.
            {"core/embedding/openai",
             {"tulving/embedder.h", "tulving/embedders.h", "tulving/result.h", "core/base",
              "core/embedding/openai"}},
            // What every way into a store shares: the public API as JSON, nothing within.
            {"core/operations",
             {"tulving", "core/base", "core/kinds", "core/json", "core/operations"}},
            // Rows, vectors, terms and bitmaps, no memories: so no core/model and no records.
            {"index",
             {"tulving/options.h", "tulving/result.h", "core/base", "index/scored_row.h",
              "index/tie_order.h"}},
            {"index/kernels", {"index/kernels"}},
            {"index/vectors/rows", {"core/base", "index/kernels", "index/vectors/rows"}},
            {"index/vectors/graph",
             {"tulving/options.h", "tulving/result.h", "core/base", "index/vectors/rows",
              "index/vectors/graph"}},
            {"index/vectors",
             {"tulving/options.h", "tulving/result.h", "core/base", "index/scored_row.h",
              "index/tie_order.h", "index/top_rows.h", "index/kernels", "index/vectors"}},
            {"index/cluster",
             {"tulving/result.h", "core/base", "index/kernels",
              "index/vectors/rows/aligned_array.h", "index/text/analysis/analyzer.h",
              "index/cluster"}},
            {"index/text",
             {"tulving/options.h", "tulving/result.h", "core/base", "index/scored_row.h",
              "index/tie_order.h", "index/top_rows.h", "index/text"}},
            {"index/attributes", {"core/base", "index/attributes"}},
            {"index/graph", {"core/base", "index/tie_order.h", "index/graph"}},
            {"storage",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "storage/codec/codec_flatbuffers.h", "storage/changes.h", "storage/closed_reader.h",
              "storage/journal.h", "storage/keys.h", "storage/vector_tombstone.h"}},
            {"storage/memory",
             {"tulving", "core/base", "storage/journal.h", "storage/closed_reader.h",
              "storage/memory"}},
            {"storage/rocksdb",
             {"tulving", "core/base", "storage/journal.h", "storage/closed_reader.h",
              "storage/rocksdb"}},
            {"storage/snapshot",
             {"tulving", "core/base", "core/kinds", "core/model", "storage/codec/codec.h",
              "storage/journal.h", "storage/keys.h", "storage/changes.h", "storage/snapshot"}},
            {"storage/postgres",
             {"tulving", "core/base", "core/kinds", "core/model", "core/json/text",
              "storage/codec/codec.h", "storage/keys.h", "storage/snapshot/snapshot_files.h",
              "storage/vector_tombstone.h", "storage/postgres"}},
            // The server: HTTP knows no store, the store's faces know no HTTP library, and all of
            // them go into the store by one way, calls.
            {"tools/serve/http", {"tulving/result.h", "tools/serve/http"}},
            {"tools/serve/auth",
             {"tulving", "core/base/files", "core/base/hash.h", "core/base/json/json_text.h",
              "core/json/text/json_writer.h", "tools/serve/auth"}},
            {"tools/serve/log", {"core/json/text/json_writer.h", "tools/serve/log"}},
            {"tools/serve/metrics", {"tulving", "tools/serve/metrics"}},
            {"tools/serve/calls",
             {"tulving", "tools/serve/auth", "tools/serve/metrics", "tools/serve/calls"}},
            {"tools/serve/rest",
             {"tulving", "core/base/json/json_text.h", "core/base/text/utf8.h",
              "core/json/text/json_writer.h", "tools/serve/auth", "tools/serve/calls",
              "tools/serve/http/handler.h", "tools/serve/http/message.h", "tools/serve/rest"}},
            {"tools/serve/mcp/protocol",
             {"tulving", "core/base/json/json_text.h", "core/json/text/json_writer.h",
              "tools/serve/auth", "tools/serve/calls", "tools/serve/mcp/protocol"}},
            {"tools/serve/mcp/tools",
             {"tulving", "core/base/check.h", "core/base/json/json_text.h",
              "core/json/text/json_writer.h", "tools/serve/calls", "tools/serve/mcp/protocol",
              "tools/serve/mcp/tools"}},
            {"tools/serve/mcp/http",
             {"tulving", "tools/serve/auth", "tools/serve/http/handler.h",
              "tools/serve/http/message.h", "tools/serve/mcp/protocol", "tools/serve/mcp/http"}},
            {"tools/serve/mcp/stdio",
             {"tulving/result.h", "tools/serve/http/workers.h",
              "tools/serve/mcp/protocol/message.h", "tools/serve/mcp/http/endpoint.h",
              "tools/serve/mcp/stdio"}},
            {"tools/serve/mem0",
             {"tulving", "core/base/json/json_text.h", "core/json/text/json_writer.h",
              "tools/serve/auth", "tools/serve/calls", "tools/serve/http/message.h",
              "tools/serve/mcp/protocol/message.h", "tools/serve/mcp/protocol/tool.h",
              "tools/serve/mcp/tools/tool_json.h", "tools/serve/rest/problem.h",
              "tools/serve/mem0"}},
            {"tools/serve/gateway",
             {"tulving", "tools/serve/mcp/http", "tools/serve/mcp/tools/toolboxes.h",
              "tools/serve/mem0/mem0_api.h", "tools/serve/auth", "tools/serve/calls",
              "tools/serve/log", "tools/serve/http/handler.h", "tools/serve/http/message.h",
              "tools/serve/rest", "tools/serve/gateway"}},
            {"tools/serve/site", {"tulving", "tools/serve"}},
            // The command line is an embedder like any other, but for how files are replaced and
            // how JSON is written and read as text.
            {"tools",
             {"tulving", "core/base/check.h", "core/base/files/atomic_file.h",
              "core/base/files/temporary_folder.h", "core/base/json/json_text.h",
              "core/base/text/utf8.h", "core/json/text/json_writer.h", "tools"}},
            // For C: what the operations are made of, beside the public API, and no engine.
            {"tools/c",
             {"tulving", "core/base/json/json_text.h", "core/base/text/utf8.h",
              "core/json/text/json_writer.h", "core/operations/answer.h",
              "core/operations/memories/search_answer.h", "tools/c"}},
            {"tools/c/include", {}},
        },
    .libraries =
        {
            {"rocksdb/", {"storage/rocksdb"}},
            {"hnswlib/", {"index/vectors"}},
            {"Eigen/", {"index/cluster"}},
            {"flatbuffers/", {"storage"}},
            {"records_generated.h", {"storage"}},
            {"libpq-fe.h", {"storage/postgres"}},
            {"libpq/", {"storage/postgres"}},
            {"curl/", {"core/embedding/openai"}},
            {"roaring/", {"index", "core/engine", "tools/cmake"}},
            {"absl/",
             {"index", "core/base", "core/engine", "core/embedding/openai", "storage",
              "tools/cmake"}},
            {"unicode/", {"index/text", "core/base", "core/model", "tools"}},
            {"libstemmer.h", {"index/text"}},
            {"nlohmann/",
             {"storage/snapshot", "core/operations/figure.cc",
              "tools/cli/commands/setup/init_commands.cc",
              "tools/cli/commands/store/bench_vectors.cc"}},
            {"CLI/", {"tools"}},
            {"microhttpd.h", {"tools/serve/http"}},
            {"arpa/inet.h", {"tools/serve/http"}},
            {"netinet/", {"tools/serve/http"}},
            {"spawn.h", {"tools/serve/mcp/stdio"}},
            {"xxhash.h", {"core/base"}},
            {"md5.h", {"core/base"}},
            {"sha2.h", {"core/base"}},
            {"immintrin.h", {"index/kernels"}},
            {"fmt/",
             {"core/base", "core/model", "core/json", "core/merging", "core/consolidation",
              "core/operations", "core/engine", "core/embedding/openai", "storage", "tools"}},
            // The operating system.
            {"stddef.h", {"tools/c/include"}},
            {"stdint.h", {"tools/c/include"}},
            {"pthread.h", {"tools/c", "tools/serve/site"}},
            {"dirent.h", {"core/base/files"}},
            {"fcntl.h", {"core/base/files", "tools"}},
            {"unistd.h", {"core/base", "core/consolidation", "storage", "tools"}},
            {"stdio.h", {"core/base", "core/consolidation", "core/operations", "tools"}},
            {"stdlib.h", {"storage", "tools"}},
            {"poll.h", {"storage/postgres"}},
            {"sys/", {"core/base", "index/vectors", "storage", "tools"}},
        },
};

TEST(Architecture, EveryIncludePointsInTheDirectionOfDependency) {
  const std::vector<std::string> paths = sources_under({"core", "index", "storage", "tools"});
  ASSERT_GT(paths.size(), 50U) << "next to nothing was found";
  for (const std::string& path : paths) {
    EXPECT_THAT(violations(kRules, path, includes_of(text_of(path))), IsEmpty());
  }
}

TEST(Architecture, NoFileOutgrowsAReader) {
  for (const std::string& path :
       sources_under({"core", "index", "storage", "tools", "tests", "bench"})) {
    const std::string text = text_of(path);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), kLinesMax) << path;
  }
}

TEST(Readme, ShowsTheExampleThatTheTestsRun) {
  const std::string example = text_of("tests/consumer/example.cc");
  ASSERT_THAT(example, HasSubstr("int main()"));
  EXPECT_THAT(text_of("README.md"), HasSubstr("```cpp\n" + example + "```"));
  const std::string in_c = text_of("tests/c/example.c");
  ASSERT_THAT(in_c, HasSubstr("int main(void)"));
  EXPECT_THAT(text_of("tools/c/README.md"), HasSubstr("```c\n" + in_c + "```"));
}

struct MadeUp {
  std::string_view name;
  std::string_view path;
  std::string_view include;
};

std::ostream& operator<<(std::ostream& out, const MadeUp& file) { return out << file.name; }

class ForbiddenInclude : public testing::TestWithParam<MadeUp> {};

TEST_P(ForbiddenInclude, IsFound) {
  const auto& [name, path, include] = GetParam();
  const std::string content = "#pragma once\n#include <vector>\n#include " + std::string(include) +
                              "\n// #include \"tools/in_a_comment.h\"\n";
  EXPECT_THAT(violations(kRules, path, includes_of(content)), ElementsAre(HasSubstr(path)));
}

INSTANTIATE_TEST_SUITE_P(
    Architecture, ForbiddenInclude,
    testing::Values(
        MadeUp{"FromBaseBackToEngine", "core/base/a.cc", "\"core/engine/store/store_impl.h\""},
        MadeUp{"FromTheKindsUpToTheRules", "core/kinds/a.h", "\"core/model/rules/rules.h\""},
        MadeUp{"FromModelBackToStorage", "core/model/a.h", "\"storage/codec/codec.h\""},
        MadeUp{"FromConsolidationToTheEngine", "core/consolidation/work/a.cc",
               "\"core/engine/store/store_impl.h\""},
        MadeUp{"FromTheEmbedderToRecords", "core/embedding/a.cc", "\"tulving/records.h\""},
        MadeUp{"FromTheEmbedderToTheEngine", "core/embedding/a.cc",
               "\"core/engine/state/catalog.h\""},
        MadeUp{"FromIndexToStorage", "index/text/a.cc", "\"storage/journal.h\""},
        MadeUp{"FromStorageToIndex", "storage/rocksdb/a.cc", "\"index/scored_row.h\""},
        MadeUp{"FromIndexToRecords", "index/graph/a.h", "\"tulving/records.h\""},
        MadeUp{"FromAPublicHeaderInside", "core/include/tulving/a.h", "\"core/base/hash.h\""},
        MadeUp{"OfRocksDbInAPublicHeader", "core/include/tulving/a.h", "<rocksdb/db.h>"},
        MadeUp{"OfThePlatformInAPublicHeader", "core/include/tulving/a.h", "<unistd.h>"},
        MadeUp{"FromStateUpToSearch", "core/engine/state/a.cc", "\"core/engine/search/search.h\""},
        MadeUp{"FromTheVaultUpToTheAgents", "core/consolidation/vault/a.cc",
               "\"core/consolidation/agents/relation_evidence.h\""},
        MadeUp{"OfRocksDbInTheEngine", "core/engine/state/a.cc", "<rocksdb/db.h>"},
        MadeUp{"OfSystemCallsPastTheFilesPort", "core/consolidation/vault/a.cc", "<fcntl.h>"},
        MadeUp{"OfHnswlibBesideItsFolder", "index/vectors_more/a.cc", "<hnswlib/hnswlib.h>"},
        MadeUp{"OfFlatBuffersInTheEngine", "core/engine/state/a.cc", "<flatbuffers/flatbuffers.h>"},
        MadeUp{"OfLibpqInTheTools", "tools/a.cc", "<libpq-fe.h>"},
        MadeUp{"FromTheEngineToThePostgresSync", "core/engine/state/a.cc",
               "\"storage/postgres/wire/connection.h\""},
        MadeUp{"FromTheToolsInside", "tools/a.cc", "\"core/model/rules/rules.h\""},
        MadeUp{"OfTheHttpLibraryInTheRestRoom", "tools/serve/rest/a.cc", "<microhttpd.h>"},
        MadeUp{"FromTheHttpPortToTheStore", "tools/serve/http/a.cc", "\"tulving/store.h\""},
        MadeUp{"FromTheTokensToTheGateway", "tools/serve/auth/a.cc",
               "\"tools/serve/gateway/gateway.h\""},
        MadeUp{"FromCToTheEngine", "tools/c/a.cc", "\"core/engine/store/store_impl.h\""},
        MadeUp{"OfCppInTheHeaderForC", "tools/c/include/a.h", "\"tulving/store.h\""},
        MadeUp{"OfALibraryNoRuleSpeaksOf", "core/base/a.cc", "<boost/optional.hpp>"},
        MadeUp{"RelativeToItsOwnFolder", "tools/a.cc", "\"b.h\""}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(IncludeRules, ReportAFileInAFolderThatNoRuleSpeaksOf) {
  EXPECT_THAT(violations(kRules, "engine2/a.cc", {}), ElementsAre(HasSubstr("engine2/a.cc")));
}

TEST(IncludeRules, LetTheAllowedDirectionPass) {
  EXPECT_THAT(violations(kRules, "tools/a.cc", {"string", "tulving/store.h", "CLI/CLI.hpp"}),
              IsEmpty());
}

}  // namespace
}  // namespace tulving::architecture
