#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/print/output.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::tools {

/// JSON that came out of the store, or from the caller, as it is written: read into a document and
/// printed again, its long numbers would be others.
struct JsonText {
  std::string text;
};

/// A JSON object under construction: values of the command's own, and JSON that stays as it is.
class ObjectText {
 public:
  ObjectText& set(std::string_view name, const Json& value);
  ObjectText& set(std::string_view name, const JsonText& value);
  /// Adds the members of `object`, a JSON object on one line.
  ObjectText& add_members(std::string_view object);

  [[nodiscard]] JsonText done() const { return {text_ + '}'}; }

 private:
  std::string& next_member();

  std::string text_ = "{";
};

/// [a,b,...]
[[nodiscard]] JsonText array_text(const std::vector<JsonText>& elements);

/// Prints one JSON document on a line of its own.
void print_json(const JsonText& document);

/// The JSON form of a memory: the line that export writes, its content hash and revision beside it.
[[nodiscard]] JsonText memory_text(const std::string& tenant_id, const Memory& memory);

/// Prints an object's members as "name  value" lines, strings bare and anything else as JSON.
void print_members(const JsonText& object);

}  // namespace tulving::tools
