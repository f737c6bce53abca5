#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>

#include "core/base/flat_hash.h"
#include "core/engine/record/identity.h"

namespace tulving::engine {

/// The texts that tombstones ban, and how many tombstones ban each.
///
/// Thread safety: const members beside each other; the others alone.
class ErasedTexts {
 public:
  void add(const ContentBan& ban);
  /// One tombstone less.
  void remove(const ContentBan& ban);

  [[nodiscard]] bool contains(const ContentBan& ban) const;
  /// Whether one of this content_digest() is banned: only then need its content_id() be known.
  [[nodiscard]] bool may_contain(std::uint64_t digest) const { return bans_.contains(digest); }
  [[nodiscard]] bool empty() const { return bans_.empty(); }
  [[nodiscard]] std::size_t size() const { return size_; }  ///< Bans that differ.
  void clear();

 private:
  struct Ban {
    Uuid content_id;
    std::uint32_t tombstones = 0;
  };
  FlatMap<std::uint64_t, absl::InlinedVector<Ban, 1>> bans_;  ///< By digest.
  std::size_t size_ = 0;
};

}  // namespace tulving::engine
