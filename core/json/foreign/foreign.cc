#include "core/json/foreign/foreign.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/json/record/foreign_formats.h"

namespace tulving::json {
namespace {

// In this order an object is held against them: from the most telling members to the least.
constexpr const ForeignFormat* kAllFormats[] = {
    &kMcpMemory, &kCortexGraph, &kMem0, &kContextualMemory, &kSessionMemoryAgent, &kJarvisMemory};

}  // namespace

std::span<const ForeignFormat* const> foreign_formats() { return kAllFormats; }

const ForeignFormat* find_foreign_format(std::string_view name) {
  const auto found = std::ranges::find(kAllFormats, name, &ForeignFormat::name);
  return found == std::end(kAllFormats) ? nullptr : *found;
}

const ForeignFormat* format_like(const JsonValue& object) {
  const auto found = std::ranges::find_if(
      kAllFormats, [&](const ForeignFormat* known) { return known->is_like(object); });
  return found == std::end(kAllFormats) ? nullptr : *found;
}

std::string not_of(const ForeignFormat& format, const JsonValue& entry) {
  std::string text =
      fmt::format("this is no entry of {}, which has {}", format.system, format.entry);
  if (entry.kind() != JsonKind::kObject) return text;
  const std::string other = foreign_format(entry);
  return other.empty() ? text : fmt::format("{}; {}", text, other);
}

}  // namespace tulving::json
