#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/changes.h"
#include "storage/journal.h"
#include "storage/keys.h"

namespace tulving::engine {

/// verify()'s look at the change feed: that it has a row for each write from its first to the last,
/// that it names every record written since then under its revision, and nothing else. To be given
/// the feed's rows in order, then the records and vectors.
class FeedCheck {
 public:
  FeedCheck(const storage::JournalReader& reader, std::uint64_t revision,
            std::vector<std::string>& problems)
      : reader_(reader), revision_(revision), problems_(problems) {}

  void change(std::string_view key, std::string_view value);
  void record(const storage::RecordKey& key, std::string_view value);
  void vector(const storage::VectorKey& key, std::string_view value);
  /// Looks at what the feed names.
  Status finish();

 private:
  using Named = std::pair<std::uint64_t, std::string>;  // Revision, key.
  Result<bool> is_there(const Named& named) const;
  /// False: of a tenant that was dropped.
  Result<bool> has_tenant(const Named& named);
  void expect_named(std::uint64_t revision, const std::string& key, std::string_view what);
  void problem(std::string what) { problems_.push_back("the change feed: " + std::move(what)); }

  const storage::JournalReader& reader_;
  const std::uint64_t revision_;
  std::vector<std::string>& problems_;
  std::vector<Named> named_;               ///< Ascending.
  std::map<std::uint32_t, bool> tenants_;  ///< By number: whether it is there.
  std::uint64_t first_ = 0;                ///< 0: there is no row.
  std::uint64_t last_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace tulving::engine
