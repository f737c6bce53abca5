#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "tulving/records.h"
#include "tulving/result.h"
#include "tulving/time.h"

namespace tulving {

/// What a text is written for.
enum class TextKind : std::uint8_t {
  kMerge,    ///< One memory that stands for several: nothing may be lost.
  kSummary,  ///< A shorter text of one or more memories.
  kPattern,  ///< What several memories have in common.
};

/// "merge", "summary", "pattern".
[[nodiscard]] std::string_view to_string(TextKind kind) noexcept;

/// What a text writer is asked for. All of it is a copy of its own that lives as long as the call.
struct TextRequest {
  TextKind kind = TextKind::kMerge;
  std::string_view tenant_id;
  std::span<const Memory> sources;  ///< Oldest first.
  std::string_view draft;           ///< The extractive text, used when the writer fails.
  Timestamp now;
};

/// Writes a text, with a language model say. Called on a thread of its own, one call at a time for
/// each running agent, while no lock of the store is held: it may call the store. An exception is
/// an error; so is a text that is empty, no UTF-8, or above twice the draft and 1 kB.
///
/// The text of a merge must have every number, date, identifier, quotation and capitalised word of
/// the sources' texts, in the same case: "York" is not in "New York", nor "5 mW" in "5 MW". (A word
/// that begins a sentence may lose or gain its capital letter.) One that lacks any is refused: the
/// merge takes the draft, and the result's reason says so.
using TextWriter = std::function<Result<std::string>(const TextRequest& request)>;

/// Who writes the texts of consolidation. Without a writer they are extractive: made of the
/// sources' own sentences.
struct TextWriterOptions {
  TextWriter writer;
  /// How long a call may take. One that takes longer is an error; its thread is left to end by
  /// itself, and what it returns is dropped. 1 ms .. 1 hour.
  std::chrono::milliseconds timeout{30'000};
};

}  // namespace tulving
