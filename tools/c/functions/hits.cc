#include <cstdint>

#include "tools/c/call/given.h"

using namespace tulving;
using namespace tulving::c;

namespace {

template <class T, class Read>
T of_hits(const tulving_hits* hits, T none, const Read& read) noexcept {
  return guarded_value(none, [&] {
    const auto object = object_of<HitsObject>(hits);
    return object == nullptr ? none : read(*object);
  });
}

int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

int64_t number_of(const MemoryView& view, uint32_t field) {
  switch (field) {
    case TULVING_HIT_REVISION:
      return static_cast<int64_t>(view.revision());
    case TULVING_HIT_PRIORITY:
      return view.priority();
    case TULVING_HIT_CREATED_AT:
      return microseconds(view.created_at());
    case TULVING_HIT_UPDATED_AT:
      return microseconds(view.updated_at());
    case TULVING_HIT_LAST_USED:
      return microseconds(view.last_used());
    case TULVING_HIT_EXPIRES_AT: {
      const auto expires_at = view.expires_at();
      return expires_at ? microseconds(*expires_at) : INT64_MIN;
    }
    case TULVING_HIT_IS_CRITICAL:
      return view.is_critical() ? 1 : 0;
    default:
      return INT64_MIN;
  }
}

uint32_t flags_of(const SearchResponse& found) {
  uint32_t flags = 0;
  if (found.approximate) flags |= TULVING_APPROXIMATE;
  if (found.partial) flags |= TULVING_PARTIAL;
  if (found.text_unsearchable) flags |= TULVING_TEXT_UNSEARCHABLE;
  if (found.vector_unsearchable) flags |= TULVING_VECTOR_UNSEARCHABLE;
  return flags;
}

}  // namespace

size_t tulving_hits_count(const tulving_hits* hits) {
  return of_hits<size_t>(hits, 0, [](HitsObject& object) { return object.found().hits.size(); });
}

const float* tulving_hits_scores(const tulving_hits* hits) {
  return of_hits<const float*>(hits, nullptr, [](HitsObject& object) { return object.scores(); });
}

const uint8_t* tulving_hits_uuids(const tulving_hits* hits) {
  return of_hits<const uint8_t*>(hits, nullptr, [](HitsObject& object) { return object.uuids(); });
}

tulving_text tulving_hits_text(const tulving_hits* hits, size_t position, uint32_t field) {
  return of_hits<tulving_text>(hits, {}, [&](HitsObject& object) {
    if (position >= object.found().hits.size()) return tulving_text{};
    const auto text = object.text(position, field);
    return text ? text_of(*text) : tulving_text{};
  });
}

int64_t tulving_hits_number(const tulving_hits* hits, size_t position, uint32_t field) {
  return of_hits<int64_t>(hits, INT64_MIN, [&](HitsObject& object) {
    const auto& found = object.found().hits;
    return position < found.size() ? number_of(found[position].memory, field) : INT64_MIN;
  });
}

uint32_t tulving_hits_flags(const tulving_hits* hits) {
  return of_hits<uint32_t>(hits, 0, [](HitsObject& object) { return flags_of(object.found()); });
}

tulving_text tulving_hits_embedding_error(const tulving_hits* hits) {
  return of_hits<tulving_text>(
      hits, {}, [](HitsObject& object) { return text_of(object.found().embedding_error); });
}

tulving_text tulving_hits_plan(const tulving_hits* hits) {
  return of_hits<tulving_text>(hits, {}, [](HitsObject& object) { return text_of(object.plan()); });
}

void tulving_hits_free(tulving_hits* hits) { free_handle<HitsObject>(hits); }
