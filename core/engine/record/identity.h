#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "storage/codec/codec.h"
#include "tulving/records.h"

namespace tulving::engine {

// What makes two memories the same one: an id, a name (external_id), or what they say and for whom.

/// Whether memories of this type are events, turns of a session: two that say the same are two.
[[nodiscard]] inline bool is_event_type(std::string_view memory_type) {
  return memory_type == "conversation" || memory_type == "interaction";
}

/// Memory::content_hash: MD5 of the text, or of the canonical content where there is no text.
[[nodiscard]] std::string content_hash_of(const Memory& memory);

/// Who said what. The views are of the memory it was made from. The words themselves decide whether
/// two are the same, not the hash by which they are found: anybody makes two texts of one MD5.
struct Said {
  std::string_view agent_id, user_id;
  bool is_text = true;          ///< Else its content: {"a":1} as a text is not that content.
  std::array<char, 32> hash{};  ///< content_hash_of().
  std::string_view text;
  std::string content;  ///< Canonical, where there is no text.

  friend bool operator==(const Said&, const Said&) = default;
};
[[nodiscard]] Said said_by(const Memory& memory);
/// The same of a memory that has its content_hash, which is not made again.
[[nodiscard]] Said said_by_completed(const Memory& memory);
[[nodiscard]] Said said_by(const storage::MemoryRecord& record);

/// Names it as one number, not 0. The tenant is a salt, so that a tombstone, which keeps the
/// number, does not tell the text. Others may have the same.
[[nodiscard]] std::uint64_t content_digest(std::string_view tenant_id, const Said& said);
/// Likewise, and no others are known to have the same: for tombstones, where there is no text left
/// to compare. Reads the whole text.
[[nodiscard]] Uuid content_id(std::string_view tenant_id, const Said& said);
/// The number in tombstones from before 0.2, without the user. 0: those did not tell contents
/// apart.
[[nodiscard]] std::uint64_t former_content_digest(std::string_view tenant_id, const Said& said);

/// What the tombstone of a memory says of it: what must not be said again.
struct ContentBan {
  std::uint64_t digest = 0;  ///< content_digest(); 0: it was taken back, and may be.
  Uuid content_id;           ///< Nil in rows from before format 3: the digest alone bans.

  friend bool operator==(const ContentBan&, const ContentBan&) = default;
  friend auto operator<=>(const ContentBan&, const ContentBan&) = default;
};
/// Of a memory that stays erased while its content may be said again.
inline constexpr ContentBan kBansNoText{1, {}};
[[nodiscard]] ContentBan ban_of(std::string_view tenant_id, const Said& said);

/// What an import tells records without an id apart by: all that their line says, by value. Empty:
/// the record has an id, or gets one of what it names.
[[nodiscard]] std::optional<std::string> line_of(const Record& record);
/// The id on import of a plain record of which line_of() is `line`; likewise.
[[nodiscard]] Uuid imported_id(std::string_view tenant_id, std::string_view line,
                               std::uint32_t equal_before);

/// The ids on import of a memory without id and external_id, `equal_before` equal ones standing
/// before it. Made of every field but the vectors, see EqualRecords.
struct ImportedIds {
  Uuid id;
  Uuid of_format_2;  ///< The one that it had before format 3.
};
[[nodiscard]] ImportedIds imported_ids(std::string_view tenant_id, const Memory& memory,
                                       std::uint32_t equal_before);
/// The one that releases before 0.2 gave it: of five fields alone, joined so that other fields may
/// have the same.
[[nodiscard]] Uuid former_imported_id(std::string_view tenant_id, const Memory& memory);

/// What an idempotency key was used for: memories with their vectors, as the caller gave them.
[[nodiscard]] std::string payload_digest(std::span<const Memory> memories);
/// The one in rows from before format 3, half as long.
[[nodiscard]] std::string former_payload_digest(std::span<const Memory> memories);
/// The ids of the rows of an idempotency key, the first since format 3.
[[nodiscard]] std::array<Uuid, 2> idempotency_ids(std::string_view tenant_id, std::string_view key);

}  // namespace tulving::engine
