// What Tenant::write() makes of import files: every line is there, by itself or as the memory that
// it names, and written again it changes nothing. Random files of few values, so that lines collide
// in all ways, go to a store and to a plain model of std containers.

#include <numeric>

#include "tests/engine/testing.h"
#include "tests/engine/write/import_model.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

constexpr int kFiles = 400;  // A seed.

class RandomImport : public ::testing::TestWithParam<unsigned> {
 protected:
  RandomImport() : random_(GetParam()) { options_.clock = clock_.clock(); }

  std::size_t below(std::size_t bound) { return random_() % bound; }

  /// Writes the lines as an importer does: in calls of any size, what is refused for a reference
  /// once more at the end. The places of the refused ones; `effects` gets what was done.
  std::set<std::size_t> import(Tenant& tenant, const std::vector<ImportLine>& lines,
                               std::set<WriteEffect>* effects = nullptr) {
    std::vector<Record> records;
    std::vector<std::uint32_t> equal_before;
    EqualRecords equal;
    for (const ImportLine& line : lines) {
      records.push_back(value_of(parse_record(LineWriter(random_)(line, tenant.id()))).record);
      equal_before.push_back(equal.count(tenant.id(), records.back()));
    }
    std::vector<std::size_t> left(records.size());
    std::iota(left.begin(), left.end(), 0);
    // Else a turn would be written once its session is in, after lines that stand below it.
    std::stable_partition(left.begin(), left.end(),
                          [&](std::size_t i) { return lines[i].kind == "session"; });
    std::set<std::size_t> refused;
    for (std::size_t first = 0; first < records.size();) {
      const std::size_t count = 1 + below(records.size() - first);
      write(tenant, records, equal_before,
            std::vector(left.begin() + first, left.begin() + first + count), refused, effects);
      first += count;
    }
    std::size_t before = 0;
    do {
      before = refused.size();
      const std::vector<std::size_t> again(refused.begin(), refused.end());
      refused.clear();
      write(tenant, records, equal_before, again, refused, effects);
    } while (refused.size() < before);
    return refused;
  }

  static void write(Tenant& tenant, const std::vector<Record>& records,
                    const std::vector<std::uint32_t>& equal_before, std::vector<std::size_t> places,
                    std::set<std::size_t>& refused, std::set<WriteEffect>* effects) {
    while (!places.empty()) {
      std::vector<Record> some;
      std::vector<std::uint32_t> counts;
      for (const std::size_t place : places) {
        some.push_back(records[place]);
        counts.push_back(equal_before[place]);
      }
      WriteOptions options;
      options.equal_before = counts;
      const auto results = tenant.write(some, options);
      if (results) {
        for (const AddResult& result : *results) {
          if (effects != nullptr) effects->insert(result.effect);
        }
        return;
      }
      ASSERT_TRUE(results.error().position) << results.error().message;
      const auto at = places.begin() + static_cast<std::ptrdiff_t>(*results.error().position);
      refused.insert(*at);
      places.erase(at);
    }
  }

  static std::vector<Memory> memories_of(const Tenant& tenant) {
    std::vector<Memory> memories;
    EXPECT_THAT(tenant.export_records([&](const Record& record) -> Status {
      if (const auto* memory = std::get_if<Memory>(&record)) memories.push_back(*memory);
      return {};
    }),
                Succeeds());
    return memories;
  }

  static void compare(const Tenant& tenant, const ImportModel& model) {
    std::map<std::string, ImportLine> by_id;
    std::multiset<ImportLine> nameless;
    for (const Memory& memory : memories_of(tenant)) {
      const std::string id = memory.id.to_string();
      if (model.by_id().contains(id)) {
        by_id[id] = line_of(memory, true);
      } else {
        nameless.insert(line_of(memory, false));
      }
    }
    EXPECT_EQ(by_id, model.by_id());
    EXPECT_EQ(nameless, model.nameless());
    EXPECT_EQ(tenant.stats().records.at("relations"), model.relations());
    for (const auto& [id, line] : model.by_id()) {
      if (line.name.empty()) continue;
      EXPECT_EQ(value_of(tenant.resolve(line.name)).to_string(), id);
      ListRequest request;
      request.filter = equals(Field::kExternalId, line.name);
      EXPECT_EQ(value_of(tenant.list(request)).matching, 1U) << line.name;
    }
  }

  std::mt19937 random_;
  ManualClock clock_;
  StoreOptions options_;
};

TEST_P(RandomImport, HoldsEveryLineAndImportedAgainChangesNothing) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < kFiles && !HasFailure(); ++i) {
    Store store = value_of(Store::open_in_memory(options_));
    Tenant tenant = value_of(store.tenant("t"));
    ImportModel model("t");
    const auto lines = RandomLines(random_)(1 + below(20));

    EXPECT_EQ(import(tenant, lines), model.import(lines));
    compare(tenant, model);

    clock_.advance(std::chrono::hours(24 * 365));
    std::set<WriteEffect> effects;
    EXPECT_EQ(import(tenant, lines, &effects), model.import(lines));
    compare(tenant, model);
    effects.erase(WriteEffect::kUnchanged);
    effects.erase(WriteEffect::kUpdated);  // Vectors, and names that several lines write.
    EXPECT_THAT(effects, IsEmpty());
  }
}

TEST_P(RandomImport, InTwoFilesHoldsTheLinesOfBoth) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < kFiles && !HasFailure(); ++i) {
    Store store = value_of(Store::open_in_memory(options_));
    Tenant tenant = value_of(store.tenant("t"));
    ImportModel model("t");
    const auto lines = RandomLines(random_)(2 + below(20));
    const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size()));

    for (const auto& part :
         {std::vector(lines.begin(), middle), std::vector(middle, lines.end())}) {
      EXPECT_EQ(import(tenant, part), model.import(part));
    }
    compare(tenant, model);
  }
}

TEST_P(RandomImport, AStoreReopenedKnowsEachByItsName) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < 10 && !HasFailure(); ++i) {
    TemporaryDirectory directory;
    ImportModel model("t");
    const auto lines = RandomLines(random_)(30);
    {
      Store store = value_of(Store::open(directory / "db", options_));
      Tenant tenant = value_of(store.tenant("t"));
      EXPECT_EQ(import(tenant, lines), model.import(lines));
    }
    Store store = value_of(Store::open(directory / "db", options_));
    Tenant tenant = value_of(store.tenant("t"));
    compare(tenant, model);
    EXPECT_EQ(import(tenant, lines), model.import(lines));
    compare(tenant, model);
    EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
  }
}

// An export keeps ids and names, so both are good in any tenant that does not use them otherwise.
TEST_P(RandomImport, AnExportIntoAnotherTenantKeepsIdsAndNames) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < kFiles / 4 && !HasFailure(); ++i) {
    Store store = value_of(Store::open_in_memory(options_));
    Tenant tenant = value_of(store.tenant("t"));
    ImportModel model("t");
    const auto lines = RandomLines(random_)(1 + below(20));
    import(tenant, lines);
    model.import(lines);
    std::vector<Record> records;
    ASSERT_THAT(tenant.export_records(
                    [&](const Record& record) -> Status {
                      records.push_back(value_of(parse_record(to_json_line("t", record))).record);
                      return {};
                    },
                    true),
                Succeeds());
    std::shuffle(records.begin(), records.end(), random_);  // A relation may stand above its ends.

    Tenant other = value_of(store.tenant("other"));
    value_of(other.write(records));
    compare(other, model);
    const auto revision = store.revision();
    value_of(other.write(records));
    EXPECT_EQ(store.revision(), revision);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomImport, ::testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace tulving
