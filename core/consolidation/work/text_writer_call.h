#pragma once

#include <cstdint>
#include <string>

#include "tulving/text_writer.h"

namespace tulving::consolidation {

struct WrittenText {
  std::string text;
  /// kLlm: the writer's; kHeuristic: the draft, as the writer's text was refused.
  ConsolidationMethod method = ConsolidationMethod::kLlm;
  /// Why it was refused, naming memories and not their words. Empty: it was not.
  std::string refusal;
};

/// Calls still running after their time. Above this no new one is started.
inline constexpr int kLateCallsMax = 8;

/// Asks the writer, which must be set. Blocks for `options.timeout` at the most; hold no lock.
///
/// A merge's text must have what its sources name exactly (core/merging/text/lost_words.h): one
/// that has not is refused, and the answer is the draft with the reason. A writer may rephrase and
/// not lose.
///
/// Every Error leaves the caller its draft. kInvalidArgument: a time-out out of range, or what the
/// writer returned is empty, blank, no UTF-8 or has a NUL, or is longer than `text_bytes_max` or
/// than twice the draft and 1 kB. kBusy: it took too long, or kLateCallsMax earlier calls still
/// run. kResourceExhausted: no thread could be started. kIo: it threw, with its message. Else what
/// the writer itself returned.
Result<WrittenText> write_text(const TextWriterOptions& options, const TextRequest& request,
                               std::uint64_t text_bytes_max);

}  // namespace tulving::consolidation
