#include "core/engine/record/identity.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/model/metadata/canonical_json.h"
#include "core/model/rounded.h"
#include "tulving/json.h"

namespace tulving::engine {
namespace {

std::string text_hash(std::string_view text) { return to_hex(md5(text)); }

// Every field that a caller sets, by value, vectors aside. Fields at their defaults are not in it,
// so that a field more in a later release leaves the digests of records without it alone.
std::string canonical_record(Memory memory) {
  memory.embeddings.clear();
  // As precise as records were before 0.2, so that the ids of lines that were imported then stay.
  memory.strength = model::rounded(memory.strength);
  memory.relevance_score = model::rounded(memory.relevance_score);
  if (memory.confidence_score) memory.confidence_score = model::rounded(*memory.confidence_score);
  return model::canonical_json(to_json_line({}, std::move(memory)));
}

std::uint64_t digest_of(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts) {
    if (!joined.empty()) joined.push_back('\0');
    joined.append(part);
  }
  const std::uint64_t digest = xxh3(std::string_view(joined));
  return digest <= kBansNoText ? kBansNoText + 1 : digest;  // 0: "taken back" in a tombstone.
}

std::array<char, 32> hash_array(std::string_view hash) {
  std::array<char, 32> array{};
  std::copy_n(hash.data(), std::min(hash.size(), array.size()), array.data());
  return array;
}

}  // namespace

std::string content_hash_of(const Memory& memory) {
  return text_hash(memory.text.empty() ? model::canonical_json(memory.content) : memory.text);
}

Said said_by(const Memory& memory) {
  return {memory.agent_id, memory.user_id, !memory.text.empty(),
          hash_array(content_hash_of(memory))};
}

// A text's hash is stored. A record without a text from before 0.2 has the hash of no text.
Said said_by(const storage::MemoryRecord& record) {
  const bool is_text = !record.text().empty();
  return {record.agent_id(), record.user_id(), is_text,
          is_text ? hash_array(record.content_hash())
                  : hash_array(text_hash(model::canonical_json(record.content())))};
}

std::uint64_t content_digest(std::string_view tenant_id, const Said& said) {
  const std::string_view hash(said.hash.data(), said.hash.size());
  return digest_of({tenant_id, said.agent_id, said.user_id, said.is_text ? "t" : "c", hash});
}

std::uint64_t former_content_digest(std::string_view tenant_id, const Said& said) {
  if (!said.is_text) return 0;
  return digest_of({tenant_id, said.agent_id, {said.hash.data(), said.hash.size()}});
}

Uuid imported_id(std::string_view tenant_id, const Memory& memory, std::uint32_t equal_before) {
  TULVING_DCHECK(memory.id.is_nil() && memory.external_id.empty());  // Who has one needs no other.
  return Uuid::derive(tenant_id, fmt::format("import 2/{}/{}", equal_before,
                                             to_hex(md5(canonical_record(memory)))));
}

Uuid former_imported_id(std::string_view tenant_id, const Memory& memory) {
  TULVING_DCHECK(memory.id.is_nil() && memory.external_id.empty());
  const std::string created = memory.created_at ? format_time(*memory.created_at) : std::string();
  return Uuid::derive(
      tenant_id, fmt::format("import/{}/{}/{}/{}/{}", memory.agent_id, memory.session_id, created,
                             text_hash(memory.text), memory.content));
}

std::string payload_digest(std::span<const Memory> memories) {
  std::string payload;
  for (const Memory& memory : memories) {
    payload += canonical_record(memory);
    for (const Embedding& embedding : memory.embeddings) {
      payload.append(embedding.model).push_back('\0');
      payload.append(reinterpret_cast<const char*>(embedding.vector.data()),
                     embedding.vector.size() * sizeof(float));
    }
    payload.push_back('\n');
  }
  return to_hex(md5(payload));
}

}  // namespace tulving::engine

namespace tulving {

/// A count for each digest. Two records that share one by chance are numbered as one another's
/// equals, which does no harm: the rest of their ids differs.
class EqualRecords::Impl {
 public:
  absl::flat_hash_map<std::uint64_t, std::uint32_t> counts;
};

EqualRecords::EqualRecords() : impl_(std::make_unique<Impl>()) {}
EqualRecords::EqualRecords(EqualRecords&&) noexcept = default;
EqualRecords& EqualRecords::operator=(EqualRecords&&) noexcept = default;
EqualRecords::~EqualRecords() = default;

std::uint32_t EqualRecords::count(std::string_view tenant_id, const Record& record) {
  const auto* memory = std::get_if<Memory>(&record);
  if (memory == nullptr || !memory->id.is_nil() || !memory->external_id.empty()) return 0;
  std::string key(tenant_id);
  key.push_back('\0');
  key += engine::canonical_record(*memory);
  return impl_->counts[xxh3(std::string_view(key))]++;
}

}  // namespace tulving
