#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/c/include/tulving_c.h"

namespace tulving::testing {

inline tulving_text text(std::string_view given) { return {given.data(), given.size()}; }
inline std::string string_of(tulving_text given) { return {given.data, given.size}; }

/// A struct of options with its size, and else zero.
template <class Struct>
Struct sized() {
  Struct made = {};
  made.struct_size = sizeof made;
  return made;
}

/// Why a call failed; of one that did not the code is TULVING_OK.
struct Failure {
  tulving_status code = TULVING_OK;
  std::string message, field;
  int64_t position = -1;
};
std::ostream& operator<<(std::ostream& out, const Failure& failure);

/// `call(error)`, what it answers held against the error that it gives, which is freed.
template <class Call>
Failure failure_of(const Call& call) {
  tulving_error* error = nullptr;
  Failure failure;
  failure.code = call(&error);
  EXPECT_EQ(failure.code != TULVING_OK, error != nullptr);
  EXPECT_EQ(tulving_error_code(error), failure.code);
  failure.message = string_of(tulving_error_message(error));
  failure.field = string_of(tulving_error_field(error));
  failure.position = tulving_error_position(error);
  tulving_error_free(error);
  return failure;
}

/// A store in memory with a tenant, by C. All handles must be free at a test's end.
class CStore : public ::testing::Test {
 protected:
  CStore();
  ~CStore() override;

  /// Opens another one; the store's handle is the caller's.
  static tulving_store* open(const tulving_store_options* options = nullptr);

  /// The answer's JSON; fails the test where the call does.
  std::string call(const char* operation, std::string_view request);
  std::string add(std::string_view record, const std::vector<float>& vector = {});
  Failure add_failure(const tulving_add_args& args);
  Failure search_failure(const tulving_search_args& args);
  /// The external ids of what is found.
  std::vector<std::string> found(const tulving_search_args& args);

  const std::size_t alive_before_ = tulving_handles_alive();
  tulving_store* store_ = nullptr;
  tulving_tenant* tenant_ = nullptr;
};

/// The external ids of the hits, whose handle is freed.
std::vector<std::string> names_of(tulving_hits* hits);

}  // namespace tulving::testing
