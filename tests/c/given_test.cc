// What C gives is believed in nothing: sizes of structs, pointers and lengths, flags, strides,
// floats. Each is refused by the name of what is wrong.

#include <cmath>
#include <cstring>

#include "tests/c/c_testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// tulving_search_args as a later header may have it.
struct LaterArgs {
  tulving_search_args args;
  char more[64];
};

class Given : public CStore {
 protected:
  Given() { add(R"({"external_id": "a", "text": "One."})", {1, 0}); }
  tulving_add_args records(std::string_view json) {
    auto args = sized<tulving_add_args>();
    args.records = text(json);
    return args;
  }
};

TEST_F(Given, StructsOfNoSizeAreRefused) {
  auto args = sized<tulving_search_args>();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, SIZE_MAX}) {
    args.struct_size = size;
    EXPECT_EQ(search_failure(args).field, "struct_size") << size;
  }
  EXPECT_EQ(failure_of([&](tulving_error** error) {
              tulving_hits* hits = nullptr;
              return tulving_search(tenant_, nullptr, &hits, error);
            }).field,
            "args");
}

TEST_F(Given, ShorterStructsLeaveDefaults) {
  auto args = sized<tulving_search_args>();
  args.k = 1'000'000;  // Beyond the size that is said: not looked at.
  args.struct_size = offsetof(tulving_search_args, k);
  EXPECT_THAT(found(args), ElementsAre("a"));
  args.struct_size = sizeof args;
  EXPECT_EQ(search_failure(args).code, TULVING_INVALID_ARGUMENT);
}

TEST_F(Given, LongerStructsAreTakenWhereWhatIsUnknownIsZero) {
  LaterArgs later = {};
  later.args.struct_size = sizeof later;
  EXPECT_THAT(found(later.args), ElementsAre("a"));
  later.more[63] = 1;
  const Failure failure = search_failure(later.args);
  EXPECT_EQ(failure.field, "struct_size");
  EXPECT_THAT(failure.message, HasSubstr("does not know"));
}

TEST_F(Given, TextsWithoutTheirBytesAreRefused) {
  auto args = sized<tulving_search_args>();
  args.text = {nullptr, 3};
  EXPECT_EQ(search_failure(args).field, "text");
  args.text = {"abc", SIZE_MAX};
  EXPECT_EQ(search_failure(args).field, "text");
  args.text = text("\xff\xfe");
  EXPECT_EQ(search_failure(args).code, TULVING_INVALID_ARGUMENT);
  args.text = text("");
  EXPECT_EQ(search_failure(args).code, TULVING_OK);
}

TEST_F(Given, UnknownFlagsModesAndDeadlinesAreRefused) {
  auto args = sized<tulving_search_args>();
  args.flags = 1U << 31;
  EXPECT_EQ(search_failure(args).field, "flags");
  args.flags = 0;
  args.mode = 5;
  EXPECT_EQ(search_failure(args).field, "mode");
  args.mode = 0;
  args.deadline_us = -1;
  EXPECT_EQ(search_failure(args).field, "deadline_us");
}

TEST_F(Given, WhatHasAMemberIsRefusedAmongMore) {
  auto args = sized<tulving_search_args>();
  args.more = text(R"({"k": 3})");
  EXPECT_EQ(search_failure(args).field, "k");
  args.more = text(R"({"deadline_ms": 3})");
  EXPECT_EQ(search_failure(args).field, "deadline_ms");
  args.more = text(R"({"fusoin": "rrf"})");
  EXPECT_EQ(search_failure(args).field, "fusoin");
  args.more = text("{");
  EXPECT_EQ(search_failure(args).code, TULVING_INVALID_ARGUMENT);
  args.more = text(R"({"now": "2026-01-01"})");
  EXPECT_EQ(search_failure(args).code, TULVING_OK);
}

TEST_F(Given, VectorsAreReadWhereTheyAre) {
  alignas(8) char bytes[64] = {};
  auto args = sized<tulving_search_args>();
  args.vector = reinterpret_cast<const float*>(bytes + 1);
  args.dim = 2;
  EXPECT_EQ(search_failure(args).field, "vector");
  args.vector = nullptr;
  EXPECT_EQ(search_failure(args).field, "vector");
  const float number[3] = {1, 0, 0};
  args.vector = number;
  for (const std::size_t dim : {std::size_t{0}, std::size_t{4097}, SIZE_MAX}) {
    args.dim = dim;
    EXPECT_EQ(search_failure(args).field, "dim") << dim;
  }
  args.dim = 3;  // The tenant's have two.
  EXPECT_EQ(search_failure(args).code, TULVING_INVALID_ARGUMENT);
  const float nan[2] = {1, NAN};
  args.vector = nan;
  args.dim = 2;
  EXPECT_EQ(search_failure(args).code, TULVING_INVALID_ARGUMENT);
}

TEST_F(Given, MatricesHaveTheirStride) {
  const float rows[2][3] = {{1, 0, 7}, {0, 1, 7}};
  auto args =
      records(R"([{"external_id": "b", "text": "Two."}, {"external_id": "c", "text": "Three."}])");
  args.vectors = rows[0];
  args.rows = 2;
  args.dim = 2;
  for (const std::size_t stride : {std::size_t{4}, std::size_t{10}}) {
    args.stride_bytes = stride;
    EXPECT_EQ(add_failure(args).field, "stride_bytes") << stride;
  }
  args.stride_bytes = sizeof rows[0];
  args.rows = SIZE_MAX / 8;
  EXPECT_EQ(add_failure(args).field, "rows");
  args.rows = 1;
  EXPECT_EQ(add_failure(args).field, "rows") << "two records";
  args.rows = 2;
  EXPECT_EQ(add_failure(args).code, TULVING_OK);
  auto search = sized<tulving_search_args>();
  search.vector = rows[1];
  search.dim = 2;
  search.k = 1;
  EXPECT_THAT(found(search), ElementsAre("c"));
}

TEST_F(Given, RecordsAreTakenAllOrNone) {
  for (const char* const wrong : {"", "{}", "[{}", "[1]", "[]x", "[{\"text\": \"\xff\"}]"}) {
    EXPECT_EQ(add_failure(records(wrong)).code, TULVING_INVALID_ARGUMENT) << wrong;
  }
  const Failure failure =
      add_failure(records(R"([{"text": "Two."}, {"text": "Three.", "priority": 11}])"));
  EXPECT_EQ(failure.field, "priority");
  EXPECT_EQ(failure.position, 1);
  EXPECT_EQ(add_failure(records(R"([{"text": "Two.", "tenant_id": "other"}])")).field, "tenant_id");
  EXPECT_EQ(add_failure(records(R"([{"kind": "session", "session_id": "s"}])")).field, "kind");
  EXPECT_THAT(call("memory.list", "{}"), HasSubstr("\"matching\":1"));
  auto of_session = records(R"([{"text": "Two.", "session_id": "s"}])");
  EXPECT_EQ(add_failure(of_session).code, TULVING_INVALID_ARGUMENT);
  of_session.flags = TULVING_MAKE_SESSION;
  EXPECT_EQ(add_failure(of_session).code, TULVING_OK);
  of_session.flags = 4;
  EXPECT_EQ(add_failure(of_session).field, "flags");
  EXPECT_EQ(add_failure(records("[]")).code, TULVING_OK);
}

TEST_F(Given, ARowThatIsRefusedIsNamed) {
  const float rows[2][2] = {{1, 0}, {NAN, 1}};
  auto args = sized<tulving_search_args>();
  tulving_hits* hits[2] = {};
  const Failure failure = failure_of([&](tulving_error** error) {
    return tulving_search_many(tenant_, &args, rows[0], 2, 2, 0, hits, error);
  });
  EXPECT_EQ(failure.code, TULVING_INVALID_ARGUMENT);
  EXPECT_EQ(failure.position, 1);
  EXPECT_EQ(hits[0], nullptr);
}

TEST_F(Given, AVectorThatDoesNotFitTellsItsSize) {
  float room[1];
  std::size_t dim = 0;
  const Failure failure = failure_of([&](tulving_error** error) {
    return tulving_get_vector(tenant_, text("a"), {}, room, 1, &dim, error);
  });
  EXPECT_EQ(failure.field, "capacity");
  EXPECT_EQ(dim, 2U);
  EXPECT_EQ(tulving_get_vector(tenant_, text("a"), text("other"), room, 1, &dim, nullptr),
            TULVING_NOT_FOUND);
}

TEST_F(Given, StoresAreNotOpenedByNonsense) {
  auto options = sized<tulving_store_options>();
  const auto field = [&] {
    tulving_store* store = nullptr;
    const Failure failure = failure_of([&](tulving_error** error) {
      return tulving_store_open(nullptr, &options, &store, error);
    });
    EXPECT_EQ(store, nullptr);
    return failure.field;
  };
  options.flags = 8;
  EXPECT_EQ(field(), "flags");
  options.flags = 0;
  options.durability = 4;
  EXPECT_EQ(field(), "durability");
  options.durability = 0;
  options.embed = 4;
  EXPECT_EQ(field(), "embed");
  options.embed = 0;
  options.embedder = text("nonsense");
  EXPECT_NE(field(), "");
  options.embedder = {};
  options.embedders_count = 1;
  EXPECT_EQ(field(), "embedders");
  options.embedders_count = 0;
  EXPECT_EQ(failure_of([&](tulving_error** error) {
              return tulving_store_open(nullptr, nullptr, nullptr, error);
            }).field,
            "store");
  options.flags = TULVING_MUST_EXIST;
  tulving_store* store = nullptr;
  EXPECT_EQ(tulving_store_open("/no/such/place", &options, &store, nullptr), TULVING_NOT_FOUND);
}

TEST_F(Given, ATenantsCallSpeaksOfThatTenant) {
  const auto failure = [&](const char* operation, std::string_view request) {
    return failure_of([&](tulving_error** error) {
      return tulving_tenant_call(tenant_, operation, text(request), nullptr, nullptr, error);
    });
  };
  EXPECT_EQ(failure("memory.list", R"({"tenant_id": "other"})").field, "tenant_id");
  EXPECT_EQ(failure("tenants", "{}").code, TULVING_INVALID_ARGUMENT);
  EXPECT_EQ(failure("nope", "{}").code, TULVING_NOT_FOUND);
  EXPECT_EQ(failure(nullptr, "{}").field, "operation");
  EXPECT_EQ(failure("import", "{}").field, "operation") << "it is a stream";
  EXPECT_EQ(failure("memory.list", "").code, TULVING_INVALID_ARGUMENT)
      << "an empty text is no JSON";
}

}  // namespace
}  // namespace tulving::testing
