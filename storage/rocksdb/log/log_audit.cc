#include "storage/rocksdb/log/log_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/check.h"
#include "storage/rocksdb/log/log_file.h"
#include "storage/rocksdb/status.h"

namespace tulving::storage {
namespace {

constexpr std::string_view kNoteMagic = "TLV1";
constexpr std::size_t kBatchHeaderBytes = 12;  // sequence:8 count:4
constexpr char kLogDataTag = 0x3;

std::uint64_t little_endian(std::string_view bytes) {
  TULVING_DCHECK(bytes.size() <= sizeof(std::uint64_t));
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

/// The durable_note() of a write batch; 0 when it has none.
std::uint64_t note_in(std::string_view batch) {
  TULVING_DCHECK(batch.size() >= kBatchHeaderBytes);  // take() lets no shorter record pass.
  const auto body = batch.substr(kBatchHeaderBytes);
  const std::size_t note_bytes = kNoteMagic.size() + sizeof(std::uint64_t);
  if (body.size() < 2 + note_bytes || body[0] != kLogDataTag ||
      static_cast<std::size_t>(body[1]) != note_bytes ||
      body.substr(2, kNoteMagic.size()) != kNoteMagic) {
    return 0;
  }
  return little_endian(body.substr(2 + kNoteMagic.size(), sizeof(std::uint64_t)));
}

/// Follows the writes through the log files, in their order.
class WriteAudit {
 public:
  WriteAudit(std::uint64_t sequence, std::optional<std::uint64_t> in_tables, LogAudit& audit)
      : promised_(sequence), knows_tables_(in_tables.has_value()), audit_(audit) {
    if (in_tables) next_ = *in_tables + 1;
  }

  void read(const std::string& path, std::string_view file) {
    path_ = &path;
    is_first_in_file_ = true;
    read_log(file, {[this](std::uint64_t offset, std::string_view record) { take(offset, record); },
                    [this](const LogGap& gap) { open_gap(gap); }});
    if (is_first_in_file_) may_miss_files_ = true;  // Empty: it was never written to, or cut.
  }

  /// After the last file.
  void finish() {
    if (!gap_) return;
    audit_.state.is_torn = true;
    if (gap_->first && promised_ >= *gap_->first) report();
  }

 private:
  struct Gap {
    std::string path;
    LogGap place;
    std::optional<std::uint64_t> first;  ///< Number of its first write, where a record came before.
    std::optional<std::uint64_t> end;    ///< Number of the first write after it.
    bool is_whole_file = false;          ///< It is before the file, which is sound itself.
    bool is_reported = false;
  };

  void open_gap(const LogGap& place) {
    if (!gap_) gap_ = Gap{*path_, place, next_, std::nullopt};
    if (place.kind == LogGap::Kind::kAltered) report();
  }

  void take(std::uint64_t offset, std::string_view record) {
    if (record.size() < kBatchHeaderBytes) return open_gap({offset, LogGap::Kind::kUnreadable});
    const auto first = little_endian(record.substr(0, 8));
    const auto count = little_endian(record.substr(8, 4));
    if (is_first_in_file_) begin_file(first);
    is_first_in_file_ = false;
    next_ = std::max(next_.value_or(0), first + count);
    if (!gap_) {
      see_sound(first, count);
      audit_.last = *next_ - 1;
      return;
    }
    if (!gap_->end) gap_->end = first;
    const std::uint64_t durable = note_in(record);
    if (durable >= (gap_->first ? *gap_->first : *gap_->end - 1) && durable > 0) report();
  }

  /// A record that recovery reads. One writer numbers its writes on from what it read, gaps left
  /// out, so a number that comes again was given by a second one. RocksDB would replay both, each
  /// upon what the other did not know of, or abort.
  void see_sound(std::uint64_t first, std::uint64_t count) {
    // While it is to be known what is in tables, what looks sound may be past a gap.
    if (first < next_sound_ && !audit_.second_writer && !audit_.must_know_tables) {
      audit_.second_writer = audit_.state.files.size() - 1;
      audit_.problems.push_back(
          fmt::format("{} holds write {}, which {} has, too: two writers had the log open at once; "
                      "a salvage keeps what the first one wrote",
                      *path_, first, last_path_));
    }
    next_sound_ = std::max(next_sound_, first + count);
    last_path_ = *path_;
  }

  // `first` is the number of the file's first write.
  void begin_file(std::uint64_t first) {
    if (gap_ && gap_->is_reported) return;
    if (gap_ && gap_->first && first <= *gap_->first) {
      gap_.reset();  // An earlier opening dropped the torn tail and went on from there.
    } else if (!knows_tables_ && (gap_ || (next_ ? first > *next_ : may_miss_files_))) {
      // Nothing tells the number of the missing writes. A file may be past use, since an opening
      // moves what it reads into tables and a power loss then keeps the file; or have been lost.
      audit_.must_know_tables = true;
      gap_.reset();
    } else if (!gap_ && next_ && first > *next_) {
      open_gap({0, LogGap::Kind::kUnreadable});
      gap_->is_whole_file = true;
    }
  }

  void report() {
    if (gap_->is_reported) return;
    // A file that is lost is missed by what came before it.
    TULVING_DCHECK(!gap_->is_whole_file || gap_->first);
    gap_->is_reported = true;
    audit_.problems.push_back(
        gap_->is_whole_file
            ? fmt::format("the writes before {} are lost, from number {}", gap_->path, *gap_->first)
            : fmt::format("{} is damaged at byte {}", gap_->path, gap_->place.offset));
  }

  const std::uint64_t promised_;
  const bool knows_tables_;
  LogAudit& audit_;
  const std::string* path_ = nullptr;
  bool is_first_in_file_ = true;
  bool may_miss_files_ = false;
  std::optional<std::uint64_t> next_;  ///< Number that the next write must have.
  std::uint64_t next_sound_ = 0;       ///< As next_, by the logs' sound records alone.
  std::string last_path_;              ///< Of the last of those.
  std::optional<Gap> gap_;
};

Result<std::string> read_file(rocksdb::Env* env, const std::filesystem::path& path) {
  std::string bytes;
  const auto status = rocksdb::ReadFileToString(env, path.string(), &bytes);
  if (!status.ok())
    return to_error(status, "reading " + path.filename().string(), path.parent_path());
  return bytes;
}

Status audit_manifest(rocksdb::Env* env, const std::filesystem::path& directory, LogAudit& audit) {
  const auto current_path = directory / "CURRENT";
  if (!env->FileExists(current_path.string()).ok()) {
    audit.problems.push_back(fmt::format("{} is missing", current_path.string()));
    return {};
  }
  auto current = read_file(env, current_path);
  if (!current) return current.error();
  constexpr std::string_view prefix = "MANIFEST-";
  const bool is_name = current->starts_with(prefix) && current->size() > prefix.size() + 1 &&
                       current->back() == '\n' &&
                       std::all_of(current->begin() + prefix.size(), current->end() - 1,
                                   [](char c) { return c >= '0' && c <= '9'; });
  const auto manifest_path = directory / current->substr(0, current->size() - (is_name ? 1 : 0));
  if (!is_name || !env->FileExists(manifest_path.string()).ok()) {
    audit.problems.push_back(
        fmt::format("{} is damaged: it names no manifest", current_path.string()));
    return {};
  }
  auto manifest = read_file(env, manifest_path);
  if (!manifest) return manifest.error();
  std::optional<std::uint64_t> damage;
  read_log(*manifest, {[](std::uint64_t, std::string_view) {},
                       [&](const LogGap& gap) {
                         // Every change is synced before it counts, so only the last may be cut.
                         if (gap.kind != LogGap::Kind::kCut && !damage) damage = gap.offset;
                       }});
  if (damage) {
    audit.problems.push_back(
        fmt::format("{} is damaged at byte {}", manifest_path.string(), *damage));
  }
  return {};
}

struct NumberedFile {
  std::uint64_t number = 0;
  std::string name;
};

/// The write-ahead logs, NNNNNN.log, in the order of their numbers.
Result<std::vector<NumberedFile>> log_files(rocksdb::Env* env,
                                            const std::filesystem::path& directory) {
  std::vector<std::string> names;
  if (auto status = env->GetChildren(directory.string(), &names); !status.ok()) {
    return to_error(status, "listing the files", directory);
  }
  std::vector<NumberedFile> files;
  for (auto& name : names) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failure == std::errc() && std::string_view(end) == ".log") {
      files.push_back({number, std::move(name)});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return files;
}

}  // namespace

std::string durable_note(std::uint64_t sequence) {
  std::string note(kNoteMagic);
  for (unsigned shift = 0; shift < 64; shift += 8) {
    note.push_back(static_cast<char>(static_cast<unsigned char>(sequence >> shift)));
  }
  // WriteBatch gives its length one byte then, as note_in() has it.
  TULVING_DCHECK(note.size() < 128);
  return note;
}

Result<LogAudit> audit_log(rocksdb::Env* env, const std::filesystem::path& directory,
                           std::uint64_t sequence, std::optional<std::uint64_t> in_tables) {
  LogAudit audit;
  if (auto status = audit_manifest(env, directory, audit); !status) return status.error();
  auto files = log_files(env, directory);
  if (!files) return files.error();
  WriteAudit writes(sequence, in_tables, audit);
  for (const auto& file : *files) {
    auto bytes = read_file(env, directory / file.name);
    if (!bytes) return bytes.error();
    const auto path = (directory / file.name).string();
    audit.state.files.push_back({path, bytes->size()});
    writes.read(path, *bytes);
  }
  writes.finish();
  TULVING_DCHECK(!in_tables || !audit.must_know_tables);  // Asked once more, it has its answer.
  return audit;
}

}  // namespace tulving::storage
