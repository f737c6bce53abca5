#include "storage/rocksdb/log/write_audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"

namespace tulving::storage {
namespace {

/// Where the manifest cannot be read, which is a problem by itself, those that there are to be.
std::set<std::uint32_t> families_of(const ManifestFacts& manifest) {
  std::set<std::uint32_t> ids;
  for (std::uint32_t id = 0; id < kTableCount && !manifest.problem.empty(); ++id) ids.insert(id);
  for (const auto& [id, family] : manifest.families) ids.insert(id);
  return ids;
}

}  // namespace

WriteAudit::WriteAudit(const ManifestFacts& manifest, std::uint64_t promised,
                       std::optional<std::uint64_t> in_tables, LogAudit& audit)
    : manifest_(manifest),
      promised_(promised),
      knows_tables_(in_tables.has_value()),
      audit_(audit),
      families_(families_of(manifest)) {
  if (in_tables) next_ = *in_tables + 1;
}

void WriteAudit::begin_file(std::uint64_t number) {
  TULVING_DCHECK(!audit_.state.files.empty());
  log_number_ = number;
  is_first_in_file_ = true;
}

void WriteAudit::end_file() {
  if (is_first_in_file_) may_miss_files_ = true;  // Empty: it was never written to, or cut.
}

void WriteAudit::begin_record(std::uint64_t offset) {
  record_ = offset;
  batch_.clear();
}

bool WriteAudit::gap(const LogGap& gap) {
  open_gap(gap);
  return true;  // What comes after it may tell what it was.
}

void WriteAudit::open_gap(const LogGap& place) {
  // RocksDB would read on where it sees zeros; past a gap nothing is a prefix of what was written.
  file().sound_bytes = std::min(file().sound_bytes, place.offset);
  if (!gap_) {
    gap_ = Gap{audit_.state.files.size() - 1, log_number_, place, next_, std::nullopt};
  }
  if (place.kind == LogGap::Kind::kAltered) report();
}

void WriteAudit::end_record() {
  if (!batch_.is_sound()) return open_gap({record_, LogGap::Kind::kAltered});
  const auto first = batch_.first();
  const auto count = batch_.count();
  if (is_first_in_file_) {
    begin_writes(first);
  } else if (!gap_ && first > *next_) {
    // Within a file a writer leaves no number out.
    return open_gap({record_, LogGap::Kind::kAltered});
  }
  is_first_in_file_ = false;
  next_ = std::max(next_.value_or(0), first + count);
  if (!gap_) {
    see_sound(first, count);
    audit_.last = *next_ - 1;
    return;
  }
  if (!gap_->end) gap_->end = first;
  const std::uint64_t durable = batch_.durable();
  if (durable >= (gap_->first ? *gap_->first : *gap_->end - 1) && durable > 0) report();
}

/// A record that recovery reads. One writer numbers its writes on from what it read, gaps left
/// out, so a number that comes again was given by a second one. RocksDB would replay both, each
/// upon what the other did not know of, or abort.
void WriteAudit::see_sound(std::uint64_t first, std::uint64_t count) {
  // While it is to be known what is in tables, what looks sound may be past a gap.
  const bool is_in_log = first < next_sound_ && !must_know_tables_;
  const bool is_in_tables = log_number_ >= manifest_.newest_log() && first <= manifest_.last;
  if ((is_in_log || is_in_tables) && !second_writer_) {
    second_writer_ = audit_.state.files.size() - 1;
    audit_.problems.push_back(
        fmt::format("{} holds write {}, which {} has, too: two writers had the log open at once; "
                    "a salvage keeps what the first one wrote",
                    file().path, first, is_in_log ? last_path_ : "a table"));
  }
  next_sound_ = std::max(next_sound_, first + count);
  last_path_ = file().path;
}

// `first` is the number of the file's first write.
void WriteAudit::begin_writes(std::uint64_t first) {
  if (gap_ && gap_->is_reported) return;
  if (gap_ && gap_->first && first <= *gap_->first) {
    gap_.reset();  // An earlier opening dropped the torn tail and went on from there.
  } else if (!knows_tables_ && (gap_ || (next_ ? first > *next_ : may_miss_files_))) {
    // Nothing tells the number of the missing writes. A file may be past use, since an opening
    // moves what it reads into tables and a power loss then keeps the file; or have been lost.
    must_know_tables_ = true;
    gap_.reset();
  } else if (!gap_ && next_ && first > *next_) {
    open_gap({0, LogGap::Kind::kUnreadable});
    gap_->is_whole_file = true;
  }
}

void WriteAudit::report() {
  if (gap_->is_reported) return;
  // A file that is lost is missed by what came before it.
  TULVING_DCHECK(!gap_->is_whole_file || gap_->first);
  gap_->is_reported = true;
  const auto& path = audit_.state.files[gap_->file].path;
  audit_.problems.push_back(
      gap_->is_whole_file
          ? fmt::format("the writes before {} are lost, from number {}", path, *gap_->first)
          : fmt::format("{} is damaged at byte {}", path, gap_->place.offset));
  audit_.problems.back() += "; a salvage keeps what was written before";
}

void WriteAudit::drop_from(std::size_t file) {
  for (; file < audit_.state.files.size(); ++file) audit_.state.files[file].sound_bytes = 0;
}

void WriteAudit::finish() {
  if (gap_) {
    const bool is_past_use = gap_->log_number < manifest_.first_log() && !gap_->end;
    if (!is_past_use) {
      audit_.state.is_torn = true;
      if (gap_->first && promised_ >= *gap_->first) report();
      if (manifest_.has_tables_beyond(gap_->log_number)) report();
      drop_from(gap_->file + 1);
    }
  }
  if (second_writer_) drop_from(*second_writer_);
}

}  // namespace tulving::storage
