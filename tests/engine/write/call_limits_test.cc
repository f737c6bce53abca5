// What is promised of the limits of one call, and of what one record or tenant holds: as much as is
// said is taken, one more is refused with both numbers, and nothing is written. (The rules of
// single fields are in tests/model/rules, the numbers that a store gives out in limits_test.cc.)

#include <functional>
#include <ostream>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;

struct Limit {
  const char* name;
  std::size_t most;
  ErrorCode refused;
  std::function<Status(Tenant&, std::size_t)> call;
};
std::ostream& operator<<(std::ostream& out, const Limit& limit) { return out << limit.name; }

Status status_of(const auto& result) { return result ? Status() : Status(result.error()); }

class CallLimits : public ::testing::TestWithParam<Limit> {};

TEST_P(CallLimits, TakeTheMostAndRefuseOneMore) {
  const Limit& limit = GetParam();
  StoreOptions options;
  options.memories_max = 50;
  Store store = value_of(Store::open_in_memory(options));
  Tenant tenant = value_of(store.tenant("acme"));
  EXPECT_THAT(limit.call(tenant, limit.most), Succeeds());
  const std::uint64_t revision = store.revision();
  const auto refused = limit.call(tenant, limit.most + 1);
  ASSERT_THAT(refused, FailsWith(limit.refused));
  EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(limit.most)));
  if (limit.most != 16) {  // What is added one by one is told without the one.
    EXPECT_THAT(refused.error().message, HasSubstr(std::to_string(limit.most + 1)));
  }
  EXPECT_EQ(store.revision(), revision);
}

Uuid some_memory(Tenant& tenant) {
  Memory one = memory("there");
  one.id = Uuid::derive("test", "there");
  static_cast<void>(tenant.add(one).has_value());  // It may be there already.
  return one.id;
}

const Limit kLimits[] = {
    {"BytesOfAnIdempotencyKey", 128, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       AddOptions options;
       options.idempotency_key = std::string(count, 'k');
       return status_of(tenant.add(memory("once"), options));
     }},
    {"EmbeddingsOfAMemory", 64, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       Memory one = memory("many models");
       for (std::size_t i = 0; i < count; ++i) {
         one.embeddings.push_back({"m" + std::to_string(i), {1, 2}});
       }
       return status_of(tenant.add(one));
     }},
    {"MemoriesOfATenant", 50, ErrorCode::kResourceExhausted,
     [](Tenant& tenant, std::size_t count) {
       std::vector<Memory> all;
       for (auto i = tenant.stats().memories; i < count; ++i) {
         all.push_back(memory("note " + std::to_string(i)));
       }
       return status_of(tenant.add(all));
     }},
    {"BytesOfAText", 1'000'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       return status_of(tenant.add(memory(std::string(count, 'x'))));
     }},
    {"VaultsOfATenant", 16, ErrorCode::kResourceExhausted,
     [](Tenant& tenant, std::size_t count) -> Status {
       for (std::size_t i = 0; i < count; ++i) {
         if (auto status = tenant.remember_vault("/vault/" + std::to_string(i)); !status) {
           return status;
         }
       }
       return {};
     }},
    {"ResultsOfASearch", 10'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       return status_of(tenant.search(text_search("x", static_cast<std::uint32_t>(count))));
     }},
    {"BytesOfAQuery", 65'536, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       return status_of(tenant.search(text_search(std::string(count, 'x'))));
     }},
    {"MemoriesOfAPage", 10'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       ListRequest request;
       request.limit = static_cast<std::uint32_t>(count);
       return status_of(tenant.list(request));
     }},
    {"RecordsOfAPage", 1'000'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       ListOptions<Session> options;
       options.limit = static_cast<std::uint32_t>(count);
       return status_of(tenant.list(options));
     }},
    {"RelatedMemories", 10'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       RelatedRequest request;
       request.limit = static_cast<std::uint32_t>(count);
       return status_of(tenant.related(some_memory(tenant), request));
     }},
    {"Hops", 8, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       RelatedRequest request;
       request.hops_max = static_cast<std::uint32_t>(count);
       return status_of(tenant.related(some_memory(tenant), request));
     }},
    {"DepthOfALineage", 1'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       return status_of(tenant.lineage(some_memory(tenant), static_cast<std::uint32_t>(count)));
     }},
    {"MemoriesOfACollection", 100'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) {
       GcRequest request;
       request.limit = static_cast<std::uint32_t>(count);
       return status_of(tenant.gc(request));
     }},
    {"ChangesOfAPlan", 100'000, ErrorCode::kInvalidArgument,
     [](Tenant& tenant, std::size_t count) -> Status {
       Plan plan;
       plan.origin = "test";
       ConsolidationTask task;
       task.title = "look";
       task.action = "look";
       task.memory_ids = {some_memory(tenant)};
       plan.changes.reserve(count);
       for (std::size_t i = 0; i < count; ++i) {
         task.task_id = std::to_string(i);
         plan.changes.push_back({std::nullopt, PlannedRecord(task)});
       }
       return status_of(tenant.propose_plan(plan));
     }},
};
INSTANTIATE_TEST_SUITE_P(Real, CallLimits, ::testing::ValuesIn(kLimits),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace tulving
