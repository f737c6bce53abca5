#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "tools/serve/mcp/protocol/tool.h"

namespace tulving::serve::mcp {

/// What an application may read, by its address.
struct Resource {
  std::string_view uri;  ///< Of a template it ends with "{...}", which stands for the rest.
  std::string_view name, title, help;
  /// `rest`: what stands in place of the braces.
  Outcome (*read)(const Way& way, const std::string& rest) = nullptr;

  [[nodiscard]] bool is_template() const { return uri.ends_with('}'); }
};

/// What a person may ask an application to begin with.
struct Prompt {
  std::string_view name, title, help;
  std::string_view argument = {}, argument_help = {};  ///< Its one argument; empty: none.
  /// The text to begin with.
  Outcome (*text)(const Way& way, const std::string& argument) = nullptr;
};

/// All that a client is shown.
struct Catalog {
  Toolbox tools = {};
  std::span<const Resource> resources = {};
  std::span<const Prompt> prompts = {};
};

}  // namespace tulving::serve::mcp
