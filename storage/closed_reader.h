#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/journal.h"

namespace tulving::storage {

/// What every call on a journal answers after its close().
[[nodiscard]] inline Error journal_closed() {
  return {ErrorCode::kInvalidArgument, "the journal is closed"};
}

/// The reader that a closed journal gives.
class ClosedReader final : public JournalReader {
 public:
  Result<std::optional<std::string>> get(Table, std::string_view) const override {
    return journal_closed();
  }
  Status scan(Table, std::string_view, const ScanVisitor&) const override {
    return journal_closed();
  }
};

}  // namespace tulving::storage
