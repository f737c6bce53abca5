#include "storage/postgres/wire/copy_writer.h"

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

// The server works on a piece while the next one is encoded; a batch bounds what is sent twice.
constexpr std::size_t kPieceBytes = 256UL << 10U;
constexpr std::size_t kBatchBytes = 8UL << 20U;
constexpr std::size_t kBatchRows = 50'000;  // Bounds the names kept for short rows.
constexpr auto kUndo = "ROLLBACK TO SAVEPOINT tulving_batch; RELEASE SAVEPOINT tulving_batch";

}  // namespace

CopyWriter::CopyWriter(Connection& connection, const std::string& target, std::size_t columns,
                       OnRefused on_refused, OnSent on_sent)
    : connection_(connection),
      copy_("COPY " + target + " FROM STDIN (FORMAT binary)"),
      columns_(columns),
      on_refused_(std::move(on_refused)),
      on_sent_(std::move(on_sent)) {
  TULVING_DCHECK(columns_ > 0 && on_refused_ != nullptr);
}

RowEncoder& CopyWriter::begin_row() {
  encoder_.begin_row(columns_);
  return encoder_;
}

Status CopyWriter::end_row(RowName name) {
  TULVING_DCHECK(encoder_.is_row_whole());
  TULVING_DCHECK(encoder_.bytes().size() > (rows_.empty() ? 0 : rows_.back().end));
  rows_.push_back({encoder_.bytes().size(), std::move(name)});
  if (encoder_.bytes().size() - sent_ >= kPieceBytes) {
    if (auto status = send_pending(); !status) return status;
  }
  if (encoder_.bytes().size() < kBatchBytes && rows_.size() < kBatchRows) return {};
  return end_batch();
}

Status CopyWriter::finish() { return rows_.empty() ? Status{} : end_batch(); }

Status CopyWriter::start() {
  if (auto status = connection_.run("SAVEPOINT tulving_batch"); !status) return status;
  if (auto status = connection_.copy_start(copy_); !status) return status;
  return connection_.copy_put(copy_header());
}

Status CopyWriter::send_pending() {
  if (!started_) {
    if (auto status = start(); !status) return status;
    started_ = true;
  }
  TULVING_DCHECK(sent_ <= encoder_.bytes().size());
  auto status = connection_.copy_put(std::string_view(encoder_.bytes()).substr(sent_));
  sent_ = encoder_.bytes().size();
  return status;
}

Status CopyWriter::end_batch() {
  auto status = send_pending();
  if (status) status = connection_.copy_put(copy_trailer());
  if (status) status = connection_.copy_end();
  if (status) {
    status = connection_.run("RELEASE SAVEPOINT tulving_batch");
  } else if (connection_.failed_on_data()) {
    status = connection_.run(kUndo);
    if (status) status = send_range(0, rows_.size());
  }
  if (!status) return status;
  const std::size_t rows = rows_.size();
  encoder_.bytes().clear();
  rows_.clear();
  sent_ = 0;
  started_ = false;
  if (on_sent_) on_sent_(rows);
  return {};
}

// Sends rows [first, last) in as few COPYs as the bad ones among them allow.
Status CopyWriter::send_range(std::size_t first, std::size_t last) {
  TULVING_DCHECK(first < last && last <= rows_.size());
  const std::size_t begin = first == 0 ? 0 : rows_[first - 1].end;
  const auto bytes = std::string_view(encoder_.bytes()).substr(begin, rows_[last - 1].end - begin);
  auto status = start();
  if (status) status = connection_.copy_put(bytes);
  if (status) status = connection_.copy_put(copy_trailer());
  if (status) status = connection_.copy_end();
  if (status) return connection_.run("RELEASE SAVEPOINT tulving_batch");
  if (!connection_.failed_on_data()) return status;
  const std::string why = connection_.failure();
  if (auto undone = connection_.run(kUndo); !undone) return undone;
  if (last - first == 1) {
    on_refused_(rows_[first].name, why);
    return {};
  }
  const std::size_t middle = first + (last - first) / 2;
  if (auto left = send_range(first, middle); !left) return left;
  return send_range(middle, last);
}

}  // namespace tulving::storage::postgres
