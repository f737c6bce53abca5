#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tulving/records.h"

namespace tulving::consolidation {

/// Why a memory was promoted, and whose it is.
struct PromotionNote {
  double score = 0;            ///< Its decay score then. Finite.
  std::string criteria;        ///< In words: "score 0.71 > 0.65".
  std::string tenant_id = {};  ///< Empty: not said.
};

/// A promoted memory as markdown: YAML front matter (id, tenant, tags, entities, created, score,
/// criteria, digest), then the text as it is. Every string of the front matter is in double quotes
/// on a line of its own, with all escaped that a YAML 1.1 or 1.2 reader may take amiss, and "---"
/// too: a reader that looks for nothing but that line finds the right one. The digest is of all
/// other lines: by it a note says whether somebody edited it.
[[nodiscard]] std::string note_text(const Memory& memory, const PromotionNote& note);

/// What a note says of itself, as it stands there; what is missing is empty.
struct NoteFacts {
  std::string tenant;
  std::string score;
  std::string criteria;
  std::string digest;
  bool is_unedited = false;  ///< Its digest is that of its other lines.
};
/// Of any text; a byte order mark at its start does not hide the rest.
[[nodiscard]] NoteFacts read_note(std::string_view text);
/// Whether a note says that it is another tenant's.
[[nodiscard]] bool is_of_another_tenant(const NoteFacts& facts, std::string_view tenant_id);

/// The note of a memory that changed since it was promoted: why it was is taken from `earlier`.
[[nodiscard]] std::string note_text(const Memory& memory, std::string_view tenant_id,
                                    const NoteFacts& earlier);

/// Of bytes, 16 hex digits.
[[nodiscard]] std::string digest_of(std::string_view bytes);

/// The note's file name: words of the summary in lower case ASCII, then the id, then ".md"; at most
/// 100 bytes of letters, digits and "-". With a tenant, a name that no other tenant's note of the
/// same id has.
[[nodiscard]] std::string note_name(const Memory& memory, std::string_view tenant_id = {});

/// The id at the end of a note's file name; empty: it is no such name.
[[nodiscard]] std::optional<Uuid> id_in_name(std::string_view name);

/// Whether `name` is one that note_name() could have given the memory, or was renamed to from it
/// with the id kept at its end.
[[nodiscard]] bool is_note_of(std::string_view name, const Uuid& id);

}  // namespace tulving::consolidation
