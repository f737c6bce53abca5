#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "tulving/result.h"

namespace tulving::engine {

/// kNotFound: a handle of a tenant that was dropped.
[[nodiscard]] inline Error dropped(std::string_view tenant_id) {
  std::string message("tenant \"");
  message.append(tenant_id).append("\" was dropped; ask the store for it again to begin anew");
  return {ErrorCode::kNotFound, std::move(message), "tenant_id"};
}

/// kNotFound: the tenant has no record of this kind with this key.
template <class Record>
[[nodiscard]] Error no_such(std::string_view tenant_id, kinds::KeyView<Record> key) {
  using Kind = kinds::Kind<Record>;
  std::string message("tenant \"");
  message.append(tenant_id).append("\" has no ").append(Kind::noun);
  if constexpr (std::is_same_v<kinds::Key<Record>, Uuid>) {
    message.append(" ").append(key.to_string());
  } else {
    message.append(" \"").append(key).append("\"");
  }
  return {ErrorCode::kNotFound, std::move(message),
          std::string(kinds::name_at<Kind::key.member>())};
}

}  // namespace tulving::engine
