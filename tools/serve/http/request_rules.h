#pragma once

#include <optional>
#include <string_view>

#include "tools/serve/http/message.h"

namespace tulving::serve::http {

/// Why a request's head is no sound one, where two readers of HTTP could disagree on where the
/// request ends or whom it is for (RFC 9112, sections 3.2, 6.1 to 6.3 and 11.2); empty: it is
/// sound. The library below lets some of them pass.
[[nodiscard]] std::optional<std::string_view> fault_of(const RequestHead& head,
                                                       std::string_view version);

/// The body's length as the head says; empty: it does not say, or the body is chunked.
[[nodiscard]] std::optional<std::size_t> content_length(const RequestHead& head);

}  // namespace tulving::serve::http
