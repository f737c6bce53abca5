#pragma once

#include <cstdint>
#include <string>

#include "tulving/text_writer.h"

namespace tulving::consolidation {

struct WrittenText {
  std::string text;
  /// kLlm: the writer's alone; kHybrid: sentences that it had dropped were put back.
  ConsolidationMethod method = ConsolidationMethod::kLlm;
};

/// Calls still running after their time. Above this no new one is started.
inline constexpr int kLateCallsMax = 8;

/// Asks the writer, which must be set. Blocks for `options.timeout` at the most; hold no lock.
///
/// To a merge, each sentence of the draft is put back that has a number, a name, a negation or one
/// of the sources' entities of which the writer's text has none: a writer may rephrase and not
/// lose.
///
/// Every Error leaves the caller its draft. kInvalidArgument: a time-out out of range, or what the
/// writer returned is empty, blank, no UTF-8 or has a NUL, or is longer than `text_bytes_max` or
/// than twice the draft and 1 kB. kBusy: it took too long, or kLateCallsMax earlier calls still
/// run. kResourceExhausted: no thread could be started. kIo: it threw, with its message. Else what
/// the writer itself returned.
Result<WrittenText> write_text(const TextWriterOptions& options, const TextRequest& request,
                               std::uint64_t text_bytes_max);

}  // namespace tulving::consolidation
