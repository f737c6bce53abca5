#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "tests/operations/schema_check.h"
#include "tulving/operations.h"

namespace tulving::testing {

/// Declares which operations the tests of a file call: the table's test knows by it which have
/// none.
class Covers {
 public:
  Covers(std::initializer_list<std::string> operations);
  [[nodiscard]] static const std::set<std::string>& all();
};

/// A service on a store in RAM, asked with JSON. Each answer is held against the table's schema.
class Called : public ::testing::Test {
 protected:
  explicit Called(std::span<const Operation> more = {}, const StoreOptions& options = {});

  /// The answer; fails the test where the call does, or the answer is not as the schema says.
  Json ask(std::string_view operation, const Json& arguments,
           std::span<const NamedVector> vectors = {});
  /// Why the call is refused; fails the test where it is not.
  Error refused(std::string_view operation, const std::string& arguments,
                const Caller& caller = {});
  /// Lines in, lines out.
  std::vector<Json> stream(std::string_view operation, const Json& arguments,
                           const std::vector<std::string>& in, const Caller& caller = {});

  std::string add(const std::string& name, const std::string& text, Json fields = Json::object());

  /// What is wrong by a part ("answer") of the operation's schema; empty: nothing.
  [[nodiscard]] std::string fault_of(std::string_view operation, const char* part,
                                     const Json& value) const;

  Service service_;
  Json schema_;
  std::vector<std::string> remarks_;  // Of the last call.
  Json summary_;                      // Of the last stream.
};

}  // namespace tulving::testing
