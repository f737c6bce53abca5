#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tools/cli/print/output.h"
#include "tools/cli/transfer/import.h"

namespace tulving::tools {

volatile std::sig_atomic_t Interruption::signal_ = 0;

Interruption::Interruption() {
  signal_ = 0;
  struct sigaction action {};
  // No SA_RESTART: a blocked read ends. One that blocks just after signal() was asked is ended by
  // the alarm, and the alarm's own alarm.
  action.sa_handler = [](int signal) {
    if (signal != SIGALRM) signal_ = signal;
    alarm(1);
  };
  for (const int signal : {SIGINT, SIGTERM, SIGALRM}) sigaction(signal, &action, nullptr);
}

bool is_line_error(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ||
         error.code == ErrorCode::kConflict;
}

void ImportReport::progress(const LineReader& lines) {
  progress_.set(lines.bytes_total() == 0 ? lines.number() : lines.bytes_read(),
                lines.bytes_total());
}

void ImportReport::written(std::uint64_t line, const AddResult& result) {
  if (result.effect == WriteEffect::kUnchanged) {
    ++unchanged_;
  } else if (result.effect == WriteEffect::kUpdated) {
    ++updated_;
  } else {
    ++imported_;
  }
  if (!ack_) return;
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void ImportReport::refused(LineError error) {
  ++rejected_;
  if (!error.format.empty() && ++formats_[error.format] > 1) return;
  if (!json_) {
    progress_.clear();
    report(fmt::format("line {}: {}", error.line, error.error));
  }
  errors_.push_back(std::move(error));
}

int ImportReport::finish() {
  progress_.clear();
  std::ranges::sort(errors_, {}, &LineError::line);
  if (json_) {
    Json errors = Json::array();
    for (const LineError& error : errors_) {
      errors.push_back(Json{{"line", error.line}, {"field", error.field}, {"error", error.error}});
      if (!error.format.empty()) errors.back()["lines"] = formats_[error.format];
    }
    print_json(Json{{"imported", imported_},
                    {"unchanged", unchanged_},
                    {"updated", updated_},
                    {"rejected", rejected_},
                    {"errors", std::move(errors)}});
    if (any_refused()) fmt::print(stderr, "tulving: {} lines were rejected\n", rejected_);
  } else {
    for (const LineError& error : errors_) {
      if (error.format.empty() || formats_[error.format] == 1) continue;
      fmt::print(stderr, "tulving: {} lines in all are refused as line {} is\n",
                 formats_[error.format], error.line);
    }
    fmt::print("imported {}, unchanged {}, updated {}, rejected {}\n", imported_, unchanged_,
               updated_, rejected_);
  }
  if (Interruption::signal() != 0) return 128 + Interruption::signal();
  return any_refused() ? kWrongInput : kDone;
}

}  // namespace tulving::tools
