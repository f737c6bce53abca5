#include "core/operations/answer.h"
#include "tools/c/handles/objects.h"
#include "tulving/json.h"

namespace tulving::c {

namespace {

std::string record_json(const std::string& tenant_id, const MemoryView& view) {
  std::string json;
  operations::append_memory(json, tenant_id, view.to_memory());
  return json;
}

/// What the view has as it is asked for.
std::optional<std::string_view> viewed(const MemoryView& view, std::uint32_t field) {
  switch (field) {
    case TULVING_HIT_EXTERNAL_ID:
      return view.external_id();
    case TULVING_HIT_TEXT:
      return view.text();
    case TULVING_HIT_SUMMARY:
      return view.summary();
    case TULVING_HIT_METADATA:
      return view.metadata();
    case TULVING_HIT_MEMORY_TYPE:
      return view.memory_type();
    case TULVING_HIT_USER_ID:
      return view.user_id();
    case TULVING_HIT_AGENT_ID:
      return view.agent_id();
    case TULVING_HIT_PROJECT_ID:
      return view.project_id();
    case TULVING_HIT_SESSION_ID:
      return view.session_id();
    case TULVING_HIT_TASK_ID:
      return view.task_id();
    case TULVING_HIT_STAGE_ID:
      return view.stage_id();
    default:
      return {};
  }
}

/// `text`, which `make` makes where it is not there yet.
template <class Make>
std::string_view kept(std::unique_ptr<const std::string>& text, const Make& make) {
  if (text == nullptr) text = std::make_unique<const std::string>(make());
  return *text;
}

}  // namespace

HitsObject::HitsObject(std::string tenant_id, SearchResponse found)
    : tenant_id_(std::move(tenant_id)), found_(std::move(found)) {}

const float* HitsObject::scores() {
  const std::lock_guard lock(mutex_);
  if (scores_.empty()) {
    scores_.reserve(found_.hits.size());
    for (const SearchHit& hit : found_.hits) scores_.push_back(hit.score);
  }
  return scores_.empty() ? nullptr : scores_.data();
}

const std::uint8_t* HitsObject::uuids() {
  const std::lock_guard lock(mutex_);
  if (uuids_.empty()) {
    uuids_.reserve(found_.hits.size() * sizeof(Uuid::bytes));
    for (const SearchHit& hit : found_.hits) {
      const Uuid id = hit.memory.id();
      uuids_.insert(uuids_.end(), id.bytes.begin(), id.bytes.end());
    }
  }
  return uuids_.empty() ? nullptr : uuids_.data();
}

std::optional<std::string_view> HitsObject::text(std::size_t position, std::uint32_t field) {
  const bool is_made =
      field == TULVING_HIT_ID || field == TULVING_HIT_RECORD || field == TULVING_HIT_JSON;
  if (is_made) return made(position, field);
  return viewed(found_.hits[position].memory, field);
}

std::string_view HitsObject::made(std::size_t position, std::uint32_t field) {
  const SearchHit& hit = found_.hits[position];
  const std::lock_guard lock(mutex_);
  if (made_.empty()) made_.resize(found_.hits.size());
  Made& of_hit = made_[position];
  if (field == TULVING_HIT_ID) return kept(of_hit.id, [&] { return hit.memory.id().to_string(); });
  if (field == TULVING_HIT_JSON) return kept(of_hit.json, [&] { return to_json(hit); });
  return kept(of_hit.record, [&] { return record_json(tenant_id_, hit.memory); });
}

std::string_view HitsObject::plan() {
  if (!found_.plan) return {};
  const std::lock_guard lock(mutex_);
  return kept(plan_, [&] { return to_json(*found_.plan); });
}

}  // namespace tulving::c
