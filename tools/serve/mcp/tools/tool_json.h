#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/text/json_writer.h"
#include "tools/serve/mcp/protocol/tool.h"
#include "tulving/params.h"

namespace tulving::serve::mcp {

// What tools make their calls of, and take out of the answers.

/// A parameter that was given, as a member; nothing where it was not and has no default.
void add_given(json::ObjectWriter& out, const Arguments& given, std::string_view name,
               std::string_view as = {});
/// Some of them, by their own names.
void add_all(json::ObjectWriter& out, const Arguments& given,
             std::initializer_list<std::string_view> names);

/// Filters of which all must hold, as one; the value of each is JSON. "{}": none.
class Conditions {
 public:
  void add(std::string_view filter);                                  ///< An object; empty: none.
  void add_equals(std::string_view field, const std::string& value);  ///< An empty value: none.
  void add_any_tag(const std::vector<std::string>& tags);
  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  [[nodiscard]] std::string json() const { return "{\"and\":[" + text_ + "]}"; }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

/// {"MEMBER": ["..."]}: the parameters of operations that take names.
[[nodiscard]] std::string list_of(std::string_view member, const std::vector<std::string>& names);

/// The elements of an array, each as JSON.
[[nodiscard]] std::vector<std::string_view> elements_of(std::string_view array);

/// What an operation answers, to be a tool's answer.
[[nodiscard]] const Param& answer_of(std::string_view operation);

[[nodiscard]] Outcome answered(std::string json);

}  // namespace tulving::serve::mcp
