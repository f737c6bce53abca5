#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tulving::serve::mcp {

// JSON-RPC 2.0, as MCP has it.

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kUnsupportedVersion = -32022;

enum class MessageKind : std::uint8_t { kRequest, kNotification, kResponse, kMalformed };

/// A message that came, read in place: the text must outlive it.
struct Message {
  MessageKind kind = MessageKind::kMalformed;
  std::string_view id;  ///< JSON, as it was written; empty: none that can be answered.
  std::string method;
  std::string_view params;     ///< JSON, an object; empty: none.
  int code = kInvalidRequest;  ///< Of a malformed one: what is wrong.
  std::string_view fault;
};
[[nodiscard]] Message read_message(std::string_view text);

/// Whether that JSON may be a request's id or a progress token: a string, or a number without a
/// fraction.
[[nodiscard]] bool is_id(std::string_view raw);

/// A member of an object, as JSON; empty: there is none, or no object.
[[nodiscard]] std::string_view member_of(std::string_view object, std::string_view name);
/// The characters of a member that is a string; empty: it is none.
[[nodiscard]] std::string text_of(std::string_view object, std::string_view name);

/// `id` empty: of a message whose id could not be read.
[[nodiscard]] std::string result_message(std::string_view id, std::string_view result);
/// `data`: JSON; empty: none.
[[nodiscard]] std::string error_message(std::string_view id, int code, std::string_view message,
                                        std::string_view data = {});

}  // namespace tulving::serve::mcp
