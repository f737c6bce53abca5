// Distinct values of merges, which answer for their sources: what lists find says how many.

#include <map>

#include "tests/engine/search/merge_world.h"

namespace tulving {
namespace {

using namespace tulving::testing;

// A value is counted as often as a list by the same filter and that value finds.
TEST(MergeValues, AreThoseThatListsFind) {
  constexpr const char* kNames[] = {"user_id",
                                    "session_id",
                                    "task_id",
                                    "memory_type",
                                    "source_type",
                                    "external_id",
                                    "tags",
                                    "entities",
                                    "status",
                                    "content_hash",
                                    "layer",
                                    "metadata.room",
                                    "metadata.room.value",
                                    "consolidated_into_id"};
  std::size_t counted = 0, merged = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    MergeWorld world(seed);
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 20; ++i) world.add_memory();
      world.clock_.advance(std::chrono::seconds(1));
      merged += world.consolidate().merge.size();
    }
    MemoryPatch patch;  // What a merge has and none of its sources.
    patch.tags = {"mine", "red"};
    for (const Uuid& id : world.found(number_equals(NumberField::kAbstractionLevel, 1))) {
      if (world.below(3) == 0) value_of(world.tenant_->update(id, patch));
    }
    const auto all = world.all();
    for (int q = 0; q < 8; ++q) {
      const Filter filter = q == 0 ? Filter() : world.question().filter;
      for (const std::string name : kNames) {
        SCOPED_TRACE(name);
        const DistinctField of = parse_distinct_field(name).value();
        const auto is = [&](const std::string& value) -> Filter {
          if (const auto* field = std::get_if<Field>(&of)) return equals(*field, value);
          return MetadataEquals{std::get<ScalarPath>(of).path, value};
        };
        DistinctRequest request;
        request.of = of;
        request.filter = filter;
        request.limit = 10'000;
        request.include_archived = q % 2 == 1;
        ListRequest list;
        list.include_archived = request.include_archived;
        list.filter = filter;
        const DistinctPage page = value_of(world.tenant_->distinct_values(request));
        EXPECT_EQ(page.matching, value_of(world.tenant_->list(list)).matching);
        std::map<std::string, std::uint64_t> found;
        for (const auto& [value, count] : page.values) found[value] = count;
        // Every value that any memory has, found or not.
        DistinctRequest of_all;
        of_all.of = of;
        of_all.limit = 10'000;
        of_all.include_archived = true;
        for (const auto& [value, count] : value_of(world.tenant_->distinct_values(of_all)).values) {
          list.filter = all_of({filter, is(value)});
          ASSERT_EQ(found[value], value_of(world.tenant_->list(list)).matching) << value;
          ++counted;
        }
      }
    }
  }
  EXPECT_GT(merged, 30U);
  EXPECT_GT(counted, 5'000U);
}

}  // namespace
}  // namespace tulving
