#pragma once

#include <string>
#include <string_view>

#include "tools/serve/mcp/protocol/catalog.h"
#include "tools/serve/mcp/protocol/message.h"

namespace tulving::serve::mcp {

/// The revision without a handshake, in which every request says what it speaks.
inline constexpr std::string_view kModern = "2026-07-28";
/// The newest of those that begin with one.
inline constexpr std::string_view kLegacy = "2025-11-25";
[[nodiscard]] bool is_legacy(std::string_view version);

/// The revision that a request says it speaks, in its params' _meta; empty: it says none.
[[nodiscard]] std::string version_of(const Message& message);

/// Who speaks, and what he is shown.
struct Speaker {
  const auth::Access& access;
  const std::string& tenant_id;
  Catalog catalog;
  Teller tell = {};  ///< What is told before the answer; null: nothing can be.
};

/// What a message is answered.
struct Reply {
  std::string text;  ///< Empty: nothing is said.
  int code = 0;      ///< Of an error; 0: it is none.
};

/// The Model Context Protocol, whatever carries its messages; it keeps nothing between two. What it
/// shows is the speaker's catalog.
/// Thread-safe.
class Protocol {
 public:
  Protocol(Calls& calls, std::string_view version);

  [[nodiscard]] Reply answer(const Message& message, const Speaker& speaker);

 private:
  struct Asked;
  Reply discover(const Asked& asked) const;
  Reply initialize(const Asked& asked) const;
  Reply list_tools(const Asked& asked) const;
  Reply list_resources(const Asked& asked, bool are_templates) const;
  Reply list_prompts(const Asked& asked) const;
  Reply call_tool(const Asked& asked);
  Reply read_resource(const Asked& asked);
  Reply get_prompt(const Asked& asked);
  [[nodiscard]] Reply complete(const Asked& asked);
  [[nodiscard]] Way way_of(const Asked& asked);
  Reply run_tool(const Asked& asked, const Tool& tool, std::string_view arguments);
  /// The result, with what the era wants in every one.
  [[nodiscard]] Reply done(const Asked& asked, std::string members,
                           std::string_view type = "complete") const;
  /// What `make` gave. `more`: members that a whole result has beside.
  [[nodiscard]] Reply made(const Asked& asked, Content content, std::string_view more = {}) const;

  Calls& calls_;
  std::string server_info_;  // JSON.
};

}  // namespace tulving::serve::mcp
