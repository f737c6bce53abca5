#include "core/engine/state/erased_texts.h"

#include <algorithm>

#include "core/base/check.h"

namespace tulving::engine {

void ErasedTexts::add(const ContentBan& ban) {
  auto& bans = bans_[ban.digest];
  auto found = std::ranges::find(bans, ban.content_id, &Ban::content_id);
  if (found == bans.end()) {
    bans.push_back({ban.content_id, 0});
    found = bans.end() - 1;
    ++size_;
  }
  ++found->tombstones;
}

void ErasedTexts::remove(const ContentBan& ban) {
  const auto bans = bans_.find(ban.digest);
  if (bans == bans_.end()) return;
  const auto found = std::ranges::find(bans->second, ban.content_id, &Ban::content_id);
  if (found == bans->second.end() || --found->tombstones > 0) return;
  bans->second.erase(found);
  --size_;
  if (bans->second.empty()) bans_.erase(bans);
  TULVING_DCHECK(bans_.size() <= size_);
}

bool ErasedTexts::contains(const ContentBan& ban) const {
  const auto bans = bans_.find(ban.digest);
  return bans != bans_.end() &&
         std::ranges::find(bans->second, ban.content_id, &Ban::content_id) != bans->second.end();
}

void ErasedTexts::clear() {
  bans_.clear();
  size_ = 0;
}

}  // namespace tulving::engine
