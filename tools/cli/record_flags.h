#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "tools/cli/print/output.h"
#include "tulving/result.h"

namespace tulving::tools {

/// One option that stands for a member of a record's JSON form.
struct RecordFlag {
  enum class Kind : std::uint8_t {
    kText,
    kWords,   ///< A list of strings; the option may be repeated.
    kNumber,  ///< Any JSON number.
    kTrue,    ///< No value: true.
    kJson,    ///< Any JSON.
  };
  const char* option;
  const char* member;
  Kind kind;
  const char* help;
};

/// The options that add and update share.
std::span<const RecordFlag> memory_flags();

/// Options that together make a record's JSON form, which the library's own parser then judges: so
/// a flag, an import line and a patch are refused by the same rule with the same words.
class RecordFlags {
 public:
  void add_to(CLI::App& command, std::span<const RecordFlag> flags);

  [[nodiscard]] bool any_given() const;

  /// `object`, a JSON object, with the members whose options were given after its own, which stay
  /// as they are written. kInvalidArgument: a value is not of its kind, or `object` is no JSON
  /// object (`what` names it) or has the member already.
  Result<std::string> added_to(std::string_view object, const char* what) const;

 private:
  struct Given {
    const RecordFlag* flag;
    std::vector<std::string> values;
    bool set = false;
  };
  std::deque<Given> given_;  // A deque: the options point at its elements.
};

}  // namespace tulving::tools
