#include "core/consolidation/work/text_writer_call.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/mutex.h"
#include "core/base/text/utf8.h"
#include "core/merging/text/lost_words.h"

// Invariants:
// (1) The writer's thread reads and writes nothing but its Call, which it owns a share of: neither
//     the caller's memory nor ours has to outlive it. It may run on while the process exits.
// (2) late_calls counts threads that their caller no longer waits for. Each is counted once, by
//     whoever of the two comes second, under the Call's mutex.

namespace tulving::consolidation {
namespace {

constexpr std::uint64_t kSlackBytes = 1024;
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours(1);

// Never destroyed, as a late thread may end after the statics did.
std::atomic<int>& late_calls() {
  static auto* const count = new std::atomic<int>(0);
  return *count;
}

struct Call {
  // Constant once the thread runs.
  TextWriter writer;
  TextKind kind = TextKind::kMerge;
  std::string tenant_id;
  std::vector<Memory> sources;
  std::string draft;
  Timestamp now;

  Mutex mutex;
  ConditionVariable done;
  std::optional<Result<std::string>> answer ABSL_GUARDED_BY(mutex);
  bool is_abandoned ABSL_GUARDED_BY(mutex) = false;
};

// A message ends up in tasks and logs, which hold UTF-8 of a bounded length.
std::string presentable(std::string_view message) {
  constexpr std::size_t kCharactersMax = 500;
  message = message.substr(0, first_invalid_utf8(message).value_or(message.size()));
  return std::string(utf8_prefix(message, kCharactersMax));
}

void deliver(Call& call, Result<std::string> answer) {
  const MutexLock lock(call.mutex);
  call.answer = std::move(answer);
  if (call.is_abandoned) late_calls().fetch_sub(1);  // (2)
  call.done.notify_all();
}

void deliver_error(Call& call, std::string_view what, std::string_view message) {
  Error error{ErrorCode::kIo, {}, {}};
  try {
    error.message = fmt::format("the text writer threw {}{}", what, presentable(message));
  } catch (const std::bad_alloc&) {
    // Without a message rather than without an answer.
  }
  deliver(call, std::move(error));
}

void run(const std::shared_ptr<Call>& call) {
  try {
    deliver(*call,
            call->writer({call->kind, call->tenant_id, call->sources, call->draft, call->now}));
  } catch (const std::exception& exception) {
    deliver_error(*call, "an exception: ", exception.what());
  } catch (...) {
    deliver_error(*call, "what is no std::exception", {});
    // pthread_exit() and cancellation unwind without a C++ exception. They must go on, or the
    // process ends.
    if (std::current_exception() == nullptr) throw;
  }
}

std::string_view quoted_start(std::string_view text) { return utf8_prefix(text, 40); }

Status check_answer(std::string_view text, std::string_view draft, std::uint64_t text_bytes_max) {
  const auto refuse = [](std::string what) {
    return Error{ErrorCode::kInvalidArgument, "the text writer's text " + std::move(what), {}};
  };
  if (text.empty()) return refuse("is empty");
  if (const auto offset = first_invalid_utf8(text)) {
    return refuse(fmt::format("is not UTF-8 without NUL at byte {}", *offset));
  }
  if (text.find_first_not_of(" \t\n\r\v\f") == std::string_view::npos) return refuse("is blank");
  if (text.size() > text_bytes_max) {
    return refuse(fmt::format("has {} bytes; at most {} allowed", text.size(), text_bytes_max));
  }
  const std::uint64_t bytes_max = 2 * std::uint64_t{draft.size()} + kSlackBytes;
  if (text.size() > bytes_max) {
    return refuse(fmt::format("has {} bytes; at most {} allowed, twice its draft and 1 kB: \"{}…\"",
                              text.size(), bytes_max, quoted_start(text)));
  }
  return {};
}

Status check_call(const TextWriterOptions& options) {
  if (!options.writer) return Error{ErrorCode::kInvalidArgument, "no text writer is set", "writer"};
  if (options.timeout < std::chrono::milliseconds(1) || options.timeout > kTimeoutMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("timeout is {} ms; must be 1..{}", options.timeout.count(),
                             kTimeoutMax.count()),
                 "timeout"};
  }
  if (late_calls().load() >= kLateCallsMax) {
    return Error{
        ErrorCode::kBusy,
        fmt::format("{} calls of the text writer still run after their time", kLateCallsMax),
        {}};
  }
  return {};
}

Result<std::string> wait_for(Call& call, std::chrono::milliseconds timeout) {
  // By the steady clock: setting the system's time neither ends nor prolongs a call.
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const MutexLock lock(call.mutex);
  while (!call.answer && call.done.wait_until(call.mutex, deadline)) {
  }
  if (!call.answer) {
    call.is_abandoned = true;
    late_calls().fetch_add(1);  // (2)
    return Error{ErrorCode::kBusy,
                 fmt::format("the text writer took longer than {} ms", timeout.count()),
                 {}};
  }
  return *std::move(call.answer);
}

Result<std::string> ask(const TextWriterOptions& options, const TextRequest& request) {
  const auto call = std::make_shared<Call>();
  call->kind = request.kind;
  call->tenant_id = request.tenant_id;
  call->sources.assign(request.sources.begin(), request.sources.end());
  call->draft = request.draft;
  call->now = request.now;
  try {
    call->writer = options.writer;  // Runs the writer's own copying.
    std::thread(run, call).detach();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::system_error& error) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("no thread for the text writer: {}", error.what()),
                 {}};
  } catch (...) {
    return Error{ErrorCode::kIo, "the text writer threw while it was copied", {}};
  }
  auto answer = wait_for(*call, options.timeout);
  if (!answer) {
    return Error{answer.error().code, presentable(answer.error().message), answer.error().field};
  }
  return answer;
}

WrittenText refused(std::string_view draft, const merging::LostWords& lost) {
  return {std::string(draft), ConsolidationMethod::kHeuristic,
          fmt::format("the text writer's text was refused: it lacks {} of the numbers, names, "
                      "identifiers and quotations of its sources, the first of memory {}",
                      lost.count, lost.first_of.to_string())};
}

}  // namespace

Result<WrittenText> write_text(const TextWriterOptions& options, const TextRequest& request,
                               std::uint64_t text_bytes_max) {
  if (auto status = check_call(options); !status) return status.error();
  auto answer = ask(options, request);
  if (!answer) return answer.error();
  if (auto status = check_answer(*answer, request.draft, text_bytes_max); !status) {
    return status.error();
  }
  if (request.kind == TextKind::kMerge) {
    const merging::LostWords lost = merging::lost_words(*answer, request.sources);
    if (lost.count > 0) return refused(request.draft, lost);
  }
  return WrittenText{*std::move(answer), ConsolidationMethod::kLlm, {}};
}

}  // namespace tulving::consolidation

namespace tulving {

std::string_view to_string(TextKind kind) noexcept {
  switch (kind) {
    case TextKind::kMerge:
      return "merge";
    case TextKind::kSummary:
      return "summary";
    case TextKind::kPattern:
      return "pattern";
  }
  return "unknown";
}

}  // namespace tulving
