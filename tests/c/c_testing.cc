#include "tests/c/c_testing.h"

namespace tulving::testing {

std::ostream& operator<<(std::ostream& out, const Failure& failure) {
  return out << tulving_status_name(failure.code) << " of \"" << failure.field
             << "\": " << failure.message;
}

CStore::CStore() : store_(open()) {
  EXPECT_EQ(tulving_store_tenant(store_, text("acme"), &tenant_, nullptr), TULVING_OK);
}

CStore::~CStore() {
  tulving_tenant_free(tenant_);
  tulving_store_free(store_);
  EXPECT_EQ(tulving_handles_alive(), alive_before_) << "handles were left";
}

tulving_store* CStore::open(const tulving_store_options* options) {
  tulving_store* store = nullptr;
  const Failure failure = failure_of(
      [&](tulving_error** error) { return tulving_store_open(nullptr, options, &store, error); });
  EXPECT_EQ(failure.code, TULVING_OK) << failure;
  return store;
}

std::string CStore::call(const char* operation, std::string_view request) {
  tulving_doc* answer = nullptr;
  const Failure failure = failure_of([&](tulving_error** error) {
    return tulving_tenant_call(tenant_, operation, text(request), nullptr, &answer, error);
  });
  EXPECT_EQ(failure.code, TULVING_OK) << operation << ": " << failure;
  std::string json = string_of(tulving_doc_json(answer));
  tulving_doc_free(answer);
  return json;
}

std::string CStore::add(std::string_view record, const std::vector<float>& vector) {
  auto args = sized<tulving_add_args>();
  args.records = text(record);
  args.vectors = vector.empty() ? nullptr : vector.data();
  args.rows = vector.empty() ? 0 : 1;
  args.dim = vector.size();
  tulving_doc* answer = nullptr;
  const Failure failure = failure_of(
      [&](tulving_error** error) { return tulving_add(tenant_, &args, &answer, error); });
  EXPECT_EQ(failure.code, TULVING_OK) << record << ": " << failure;
  std::string json = string_of(tulving_doc_json(answer));
  tulving_doc_free(answer);
  return json;
}

Failure CStore::add_failure(const tulving_add_args& args) {
  return failure_of(
      [&](tulving_error** error) { return tulving_add_many(tenant_, &args, nullptr, error); });
}

Failure CStore::search_failure(const tulving_search_args& args) {
  tulving_hits* hits = nullptr;
  const Failure failure = failure_of(
      [&](tulving_error** error) { return tulving_search(tenant_, &args, &hits, error); });
  EXPECT_EQ(hits == nullptr, failure.code != TULVING_OK);
  tulving_hits_free(hits);
  return failure;
}

std::vector<std::string> CStore::found(const tulving_search_args& args) {
  tulving_hits* hits = nullptr;
  const Failure failure = failure_of(
      [&](tulving_error** error) { return tulving_search(tenant_, &args, &hits, error); });
  EXPECT_EQ(failure.code, TULVING_OK) << failure;
  return names_of(hits);
}

std::vector<std::string> names_of(tulving_hits* hits) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < tulving_hits_count(hits); ++at) {
    names.push_back(string_of(tulving_hits_text(hits, at, TULVING_HIT_EXTERNAL_ID)));
  }
  tulving_hits_free(hits);
  return names;
}

}  // namespace tulving::testing
