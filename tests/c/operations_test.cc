// No operation is lacking: each of the table is reached by its name, and answers as it answers in
// C++. What is added to the table is here without a line of C.

#include "tulving/operations.h"

#include <set>

#include "tests/c/c_testing.h"
#ifdef TULVING_WITH_POSTGRES
#include "tulving/postgres.h"
#endif

namespace tulving::testing {
namespace {

std::vector<Operation> all_operations() {
  const auto table = operation_table();
  std::vector<Operation> all(table.begin(), table.end());
#ifdef TULVING_WITH_POSTGRES
  const auto more = postgres_operations();
  all.insert(all.end(), more.begin(), more.end());
#endif
  return all;
}

class Operations : public CStore {
 protected:
  Operations() : all_(all_operations()), service_(open_in_memory(), {.more = all_}) {}

  static Store open_in_memory() {
    auto store = Store::open_in_memory();
    if (!store) std::abort();
    return *std::move(store);
  }

  /// The call by C: its answer, or its failure.
  std::pair<std::string, Failure> by_c(const Operation& operation, const std::string& request) {
    tulving_doc* answer = nullptr;
    const Failure failure = failure_of([&](tulving_error** error) {
      return operation.run != nullptr
                 ? tulving_store_call(store_, operation.name.data(), text(request), nullptr,
                                      &answer, error)
                 : tulving_store_stream(store_, operation.name.data(), text(request), nullptr,
                                        &answer, error);
    });
    std::string json = string_of(tulving_doc_json(answer));
    tulving_doc_free(answer);
    return {json, failure};
  }

  std::pair<std::string, Failure> in_cpp(const Operation& operation, const std::string& request) {
    const Call call{.operation = operation.name, .arguments = request};
    Answer answer;
    Status status;
    if (operation.run != nullptr) {
      auto called = service_.call({}, call);
      if (called) answer = *called;
      if (!called) status = called.error();
    } else {
      const StreamEnds ends{
          .next = []() -> Result<std::optional<StreamLine>> { return std::optional<StreamLine>(); },
          .put = [](const StreamLine&) { return Status(); }};
      status = service_.stream({}, call, ends, answer);
    }
    Failure failure;
    if (!status) {
      failure = {static_cast<tulving_status>(status.error().code) + 1, status.error().message,
                 status.error().field};
    }
    return {answer.json, failure};
  }

  /// Both ways say the same.
  void expect_same(const Operation& operation, const std::string& request) {
    const auto [json, failure] = by_c(operation, request);
    const auto [expected_json, expected] = in_cpp(operation, request);
    EXPECT_EQ(failure.code, expected.code) << operation.name << request << failure;
    EXPECT_EQ(failure.message, expected.message) << operation.name << request;
    EXPECT_EQ(failure.field, expected.field) << operation.name << request;
    EXPECT_EQ(json.empty(), expected_json.empty()) << operation.name << request << json;
  }

  std::vector<Operation> all_;
  Service service_;
};

TEST_F(Operations, AreAllReachedAndAnswerAsInCpp) {
  ASSERT_GT(all_.size(), 40U);
  for (const Operation& operation : all_) {
    expect_same(operation, R"({"no such parameter": 1})");
    expect_same(operation, "{}");
    expect_same(operation, R"({"tenant_id": "t"})");
  }
}

TEST_F(Operations, HaveTheirSchema) {
  tulving_doc* schema = nullptr;
  ASSERT_EQ(tulving_operations_schema(&schema, nullptr), TULVING_OK);
  const std::string json = string_of(tulving_doc_json(schema));
  tulving_doc_free(schema);
#ifdef TULVING_WITH_POSTGRES
  EXPECT_EQ(json, operations_schema(postgres_operations()));
#else
  EXPECT_EQ(json, operations_schema());
#endif
}

}  // namespace
}  // namespace tulving::testing
