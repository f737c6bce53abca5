#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/mcp/protocol/tool.h"

namespace tulving::serve::mcp {

/// Values of an argument that begin as `begun` does, the best first. Null: it has none to offer.
using Completer = std::vector<std::string> (*)(const Way& way, std::string_view argument,
                                               const std::string& begun);

/// What an application may read, by its address.
struct Resource {
  std::string_view uri;  ///< Of a template it has one "{...}", which stands for any characters.
  std::string_view name, title, help;
  /// Its JSON. `rest`: what stands in place of the braces.
  Outcome (*read)(const Way& way, const std::string& rest) = nullptr;
  Completer complete = nullptr;  ///< Of a template: what may stand in place of the braces.
  std::string_view mime_type = "application/json";
  /// In place of `read`.
  Content (*make)(const Way& way, const std::string& rest) = nullptr;

  [[nodiscard]] bool is_template() const { return uri.find('{') != std::string_view::npos; }
};

struct PromptArgument {
  std::string_view name, help;
};

/// What a person may ask an application to begin with.
struct Prompt {
  std::string_view name, title, help;
  std::span<const PromptArgument> arguments = {};  ///< All are required; each is a text.
  /// The text to begin with.
  Outcome (*text)(const Way& way) = nullptr;
  Completer complete = nullptr;
  /// In place of `text`.
  Content (*make)(const Way& way) = nullptr;
};

/// All that a client is shown.
struct Catalog {
  Toolbox tools = {};
  std::span<const Resource> resources = {};
  std::span<const Prompt> prompts = {};
  std::string_view instructions = {};  ///< For the model.
};

}  // namespace tulving::serve::mcp
