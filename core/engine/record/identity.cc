#include "core/engine/record/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "core/base/check.h"
#include "core/base/flat_hash.h"
#include "core/base/hash.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/kinds/unique.h"
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
  thread_local std::string joined;  // An add makes several: kept for its memory.
  joined.clear();
  for (const std::string_view part : parts) {
    if (!joined.empty()) joined.push_back('\0');
    joined.append(part);
  }
  const std::uint64_t digest = xxh3(std::string_view(joined));
  return digest <= kBansNoText.digest ? kBansNoText.digest + 1 : digest;
}

// An id of what no other parts have: see sha256_of_parts(). Nor has a name, which Uuid::derive()
// makes one of.
Uuid id_of(std::initializer_list<std::string_view> parts) {
  const Sha256 digest = sha256_of_parts(parts);
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);  // RFC 4122, 4.4.
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  TULVING_DCHECK(!id.is_nil());
  return id;
}

// Each part with its length, so that no other memories spell the same.
void append_part(std::string& joined, std::string_view part) {
  joined.append(std::to_string(part.size())).append(":").append(part);
}

std::string_view bytes_of(const std::vector<float>& vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size() * sizeof(float)};
}

// A name and, of a vector in passages, how many: which no name can have at its end.
std::string model_of(const Embedding& embedding) {
  if (embedding.passages == 1) return embedding.model;
  return embedding.model + '\0' + std::to_string(embedding.passages);
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
  Said said{memory.agent_id, memory.user_id, !memory.text.empty(), {}, memory.text, {}};
  if (!said.is_text) said.content = model::canonical_json(memory.content);
  said.hash = hash_array(text_hash(said.is_text ? memory.text : said.content));
  return said;
}

Said said_by_completed(const Memory& memory) {
  Said said{memory.agent_id, memory.user_id, !memory.text.empty(), {}, memory.text, {}};
  if (!said.is_text) said.content = model::canonical_json(memory.content);
  said.hash = hash_array(memory.content_hash);
  TULVING_DCHECK(said.hash == said_by(memory).hash);
  return said;
}

// A text's hash is stored. A record without a text from before 0.2 has the hash of no text.
Said said_by(const storage::MemoryRecord& record) {
  Said said{record.agent_id(), record.user_id(), !record.text().empty(), {}, record.text(), {}};
  if (said.is_text) {
    said.hash = hash_array(record.content_hash());
  } else {
    said.content = model::canonical_json(record.content());
    said.hash = hash_array(text_hash(said.content));
  }
  return said;
}

std::uint64_t content_digest(std::string_view tenant_id, const Said& said) {
  const std::string_view hash(said.hash.data(), said.hash.size());
  return digest_of({tenant_id, said.agent_id, said.user_id, said.is_text ? "t" : "c", hash});
}

Uuid content_id(std::string_view tenant_id, const Said& said) {
  return id_of({"content", tenant_id, said.agent_id, said.user_id, said.is_text ? "t" : "c",
                said.is_text ? said.text : said.content});
}

ContentBan ban_of(std::string_view tenant_id, const Said& said) {
  return {content_digest(tenant_id, said), content_id(tenant_id, said)};
}

std::uint64_t former_content_digest(std::string_view tenant_id, const Said& said) {
  if (!said.is_text) return 0;
  return digest_of({tenant_id, said.agent_id, {said.hash.data(), said.hash.size()}});
}

std::optional<std::string> line_of(const Record& record) {
  return std::visit(
      [&]<class Kind>(const Kind& kind) -> std::optional<std::string> {
        if constexpr (std::is_same_v<Kind, Memory>) {
          if (!kind.id.is_nil() || !kind.external_id.empty()) return std::nullopt;
          return canonical_record(kind);
        } else if constexpr (kinds::kHasOwnId<Kind>) {
          if (kinds::key_of(kind) != kinds::Key<Kind>() || kinds::has_unique_value(kind)) {
            return std::nullopt;
          }
          return model::canonical_json(to_json_line({}, kind));
        } else {
          return std::nullopt;
        }
      },
      record);
}

Uuid imported_id(std::string_view tenant_id, std::string_view line, std::uint32_t equal_before) {
  return id_of({"import record", tenant_id, std::to_string(equal_before), line});
}

ImportedIds imported_ids(std::string_view tenant_id, const Memory& memory,
                         std::uint32_t equal_before) {
  TULVING_DCHECK(memory.id.is_nil() && memory.external_id.empty());  // Who has one needs no other.
  const std::string line = canonical_record(memory);
  const std::string before = std::to_string(equal_before);
  return {id_of({"import", tenant_id, before, line}),
          Uuid::derive(tenant_id, fmt::format("import 2/{}/{}", before, to_hex(md5(line))))};
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
    append_part(payload, canonical_record(memory));
    append_part(payload, std::to_string(memory.embeddings.size()));
    for (const Embedding& embedding : memory.embeddings) {
      append_part(payload, model_of(embedding));
      append_part(payload, bytes_of(embedding.vector));
    }
  }
  return to_hex(sha256(payload));
}

std::string former_payload_digest(std::span<const Memory> memories) {
  std::string payload;
  for (const Memory& memory : memories) {
    payload += canonical_record(memory);
    for (const Embedding& embedding : memory.embeddings) {
      payload.append(model_of(embedding)).append(1, '\0').append(bytes_of(embedding.vector));
    }
    payload.push_back('\n');
  }
  return to_hex(md5(payload));
}

std::array<Uuid, 2> idempotency_ids(std::string_view tenant_id, std::string_view key) {
  return {id_of({"idempotency", tenant_id, key}),
          Uuid::derive(tenant_id, std::string("idempotency/").append(key))};
}

}  // namespace tulving::engine

namespace tulving {

/// A count for each record, by an id that no other has.
class EqualRecords::Impl {
 public:
  FlatMap<Uuid, std::uint32_t, std::hash<Uuid>> counts;
};

EqualRecords::EqualRecords() : impl_(std::make_unique<Impl>()) {}
EqualRecords::EqualRecords(EqualRecords&&) noexcept = default;
EqualRecords& EqualRecords::operator=(EqualRecords&&) noexcept = default;
EqualRecords::~EqualRecords() = default;

std::uint32_t EqualRecords::count(std::string_view tenant_id, const Record& record) {
  const std::optional<std::string> line = engine::line_of(record);
  return line ? impl_->counts[engine::id_of({"line", tenant_id, *line})]++ : 0;
}

}  // namespace tulving
