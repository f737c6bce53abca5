#include "storage/rocksdb/log/manifest_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/check.h"
#include "core/base/files/io_error.h"
#include "storage/rocksdb/log/log_file.h"
#include "storage/rocksdb/log/version_edit.h"

namespace tulving::storage {
namespace {

// RocksDB's own limits, and our options.
constexpr std::uint32_t kLevels = 7;
constexpr std::string_view kBytewise = "leveldb.BytewiseComparator";
constexpr std::uint32_t kGroupMax = 1000;  // Edits; a group has one a column family, if it is one.

// A key of a table: the types that we put are a deletion, a value, and one in a blob file.
bool is_internal_key(std::string_view key) {
  if (key.size() < 8) return false;
  const auto type = static_cast<unsigned char>(key[key.size() - 8]);
  return type == 0x0 || type == 0x1 || type == 0x11;
}
std::string_view user_key(std::string_view key) { return key.substr(0, key.size() - 8); }

/// The edits, one after the other. Each function says what is wrong, or "".
class Versions {
 public:
  explicit Versions(ManifestFacts& facts) : facts_(facts) { facts_.families[0].name = "default"; }

  std::string add(VersionEdit edit) {
    if (!edit.edits_left) return group_.empty() ? apply(edit) : "a group of edits is not whole";
    if (*edit.edits_left >= kGroupMax) return "a group of edits is too large";
    const auto left = *edit.edits_left;
    if (!group_.empty() && *group_.back().edits_left != left + 1) return "a group is not whole";
    group_.push_back(std::move(edit));
    if (left > 0) return "";
    for (const auto& each : std::exchange(group_, {})) {
      if (auto wrong = apply(each); !wrong.empty()) return wrong;
    }
    return "";
  }

  /// After the last one.
  std::string finish() {
    for (const std::string_view name : {"records", "vectors", "history"}) {
      const auto has_name = [name](const auto& family) { return family.second.name == name; };
      if (std::ranges::none_of(facts_.families, has_name)) {
        return fmt::format("there is no column family \"{}\"", name);
      }
    }
    log_max_ = std::max(log_max_, facts_.newest_log());
    if (log_max_ > next_file_) return fmt::format("log {} has a later one's number", log_max_);
    for (const auto& [number, table] : tables_) {
      if (number >= next_file_)
        return fmt::format("table {} has the number of a later one", number);
      if (table.last > facts_.last) return fmt::format("table {} has later writes", number);
      facts_.families.at(table.family).has_tables = true;
    }
    for (const auto& [number, blobs] : blob_files_) {
      if (number >= next_file_) return fmt::format("blob file {} has a later one's", number);
    }
    return "";
  }

 private:
  struct Table {
    std::uint32_t family = 0;
    std::uint32_t level = 0;
    std::uint64_t last = 0;
  };
  struct BlobFile {
    std::uint32_t family = 0;
    VersionEdit::Blobs all;
    VersionEdit::Blobs garbage;
  };

  std::string apply(const VersionEdit& edit) {
    if (edit.added_family) {
      const auto has_name = [&](const auto& family) {
        return family.second.name == *edit.added_family;
      };
      const bool is_new = facts_.families.try_emplace(edit.family).second;
      if (!is_new || std::ranges::any_of(facts_.families, has_name)) {
        return fmt::format("column family {} comes twice", edit.family);
      }
      facts_.families[edit.family].name = *edit.added_family;
    }
    if (!facts_.families.contains(edit.family)) {
      return fmt::format("there is no column family {}", edit.family);
    }
    if (edit.comparator && *edit.comparator != kBytewise) return "its order of keys is not ours";
    for (const auto& number : {edit.log_number, edit.previous_log_number, edit.next_file_number,
                               edit.log_number_to_keep}) {
      if (number && *number > kFileNumberMax) return fmt::format("{} numbers no file", *number);
    }
    if (edit.last_sequence && *edit.last_sequence > kSequenceMax) {
      return fmt::format("{} numbers no write", *edit.last_sequence);
    }
    auto& family = facts_.families[edit.family];
    if (edit.log_number) family.log_number = std::max(family.log_number, *edit.log_number);
    log_max_ = std::max(log_max_, edit.log_number_to_keep.value_or(0));
    if (edit.next_file_number) next_file_ = *edit.next_file_number;
    if (edit.last_sequence.value_or(facts_.last) < facts_.last) return "it takes writes back";
    facts_.last = edit.last_sequence.value_or(facts_.last);
    auto wrong = apply_blobs(edit);
    return wrong.empty() ? apply_tables(edit) : wrong;
  }

  std::string apply_blobs(const VersionEdit& edit) {
    for (const auto& blobs : edit.blob_files) {
      if (blobs.number > kFileNumberMax ||
          !blob_files_.try_emplace(blobs.number, BlobFile{edit.family, blobs, {}}).second) {
        return fmt::format("blob file {} comes twice", blobs.number);
      }
    }
    for (const auto& more : edit.garbage) {
      const auto found = blob_files_.find(more.number);
      if (found == blob_files_.end() || found->second.family != edit.family) {
        return fmt::format("there is no blob file {}", more.number);
      }
      auto& [family, all, garbage] = found->second;
      if (more.count > all.count - garbage.count || more.bytes > all.bytes - garbage.bytes) {
        return fmt::format("blob file {} has more garbage than blobs", more.number);
      }
      garbage.count += more.count;
      garbage.bytes += more.bytes;
    }
    return "";
  }

  std::string apply_tables(const VersionEdit& edit) {
    for (const auto& gone : edit.deleted) {
      const auto found = tables_.find(gone.number);
      if (found == tables_.end() || found->second.level != gone.level ||
          found->second.family != edit.family) {
        return fmt::format("there is no table {} in level {}", gone.number, gone.level);
      }
      tables_.erase(found);
    }
    for (const auto& table : edit.added) {
      if (table.level >= kLevels) return fmt::format("there is no level {}", table.level);
      if (!is_internal_key(table.smallest) || !is_internal_key(table.largest) ||
          user_key(table.smallest) > user_key(table.largest)) {
        return fmt::format("table {} has no range of keys", table.number);
      }
      if (table.first > table.last || table.last > kSequenceMax) {
        return fmt::format("table {} has no range of writes", table.number);
      }
      if (table.number > kFileNumberMax ||
          !tables_.try_emplace(table.number, Table{edit.family, table.level, table.last}).second) {
        return fmt::format("table {} comes twice", table.number);
      }
    }
    return "";
  }

  ManifestFacts& facts_;
  std::uint64_t next_file_ = 0;
  std::uint64_t log_max_ = 0;  ///< The greatest number of a log.
  std::map<std::uint64_t, Table> tables_;
  std::map<std::uint64_t, BlobFile> blob_files_;
  std::vector<VersionEdit> group_;  ///< As far as it was read.
};

class ManifestVisitor final : public LogVisitor {
 public:
  ManifestVisitor(std::string path, ManifestFacts& facts)
      : path_(std::move(path)), facts_(facts), versions_(facts) {}

  void begin_record(std::uint64_t offset) override {
    // Only the last may be cut; RocksDB would stop there, and delete the tables of later ones.
    if (cut_ && facts_.problem.empty()) {
      facts_.problem = fmt::format("{} is damaged at byte {}", path_, *cut_);
    }
    record_.clear();
    offset_ = offset;
  }
  void add(std::string_view bytes) override {
    // Longer ones are of other databases; RocksDB itself holds a record as a whole.
    constexpr std::size_t record_bytes_max = std::size_t{64} << 20U;
    if (record_.size() <= record_bytes_max) record_ += bytes;
    if (record_.size() > record_bytes_max) blame("a record is too long");
  }
  void end_record() override {
    if (!facts_.problem.empty()) return;
    auto edit = decode_version_edit(record_);
    if (!edit) return blame("there is no edit of ours");
    blame(versions_.add(*std::move(edit)));
  }
  bool gap(const LogGap& gap) override {
    // Every change is synced before it counts, so only the last may be cut.
    cut_ = gap.offset;
    if (gap.kind == LogGap::Kind::kCut) return true;
    if (facts_.problem.empty()) {
      facts_.problem = fmt::format("{} is damaged at byte {}", path_, gap.offset);
    }
    return false;
  }
  [[nodiscard]] bool has_notes() const override { return false; }
  void finish() {
    if (facts_.problem.empty()) blame(versions_.finish());
  }

 private:
  void blame(const std::string& wrong) {
    if (wrong.empty() || !facts_.problem.empty()) return;
    facts_.problem = fmt::format("{} is damaged at byte {}: {}", path_, offset_, wrong);
  }

  const std::string path_;
  ManifestFacts& facts_;
  Versions versions_;
  std::string record_;
  std::uint64_t offset_ = 0;
  std::optional<std::uint64_t> cut_;  ///< Where no record was.
};

/// The name in CURRENT; "": it holds none.
std::string manifest_name(const std::string& current) {
  constexpr std::string_view prefix = "MANIFEST-";
  const bool is_name = current.starts_with(prefix) && current.size() > prefix.size() + 1 &&
                       current.back() == '\n' &&
                       std::all_of(current.begin() + prefix.size(), current.end() - 1,
                                   [](char c) { return c >= '0' && c <= '9'; });
  return is_name ? current.substr(0, current.size() - 1) : "";
}

}  // namespace

std::uint64_t ManifestFacts::first_log() const {
  std::uint64_t first = ~std::uint64_t{0};
  for (const auto& [id, family] : families) first = std::min(first, family.log_number);
  return families.empty() ? 0 : first;
}

std::uint64_t ManifestFacts::newest_log() const {
  std::uint64_t newest = 0;
  for (const auto& [id, family] : families) newest = std::max(newest, family.log_number);
  return newest;
}

bool ManifestFacts::has_tables_beyond(std::uint64_t number) const {
  return std::ranges::any_of(families, [number](const auto& family) {
    return family.second.has_tables && family.second.log_number > number;
  });
}

Result<ManifestFacts> audit_manifest(const Descriptor& directory, const std::string& path) {
  ManifestFacts facts;
  const auto current_path = path + "/CURRENT";
  const auto current_file = directory.open("CURRENT", O_RDONLY);
  if (current_file.cause() == ENOENT) {
    facts.problem = current_path + " is missing";
    return facts;
  }
  std::string current(64, '\0');  // More than its name takes, however long the file is.
  std::size_t count = 0;
  const int failure = current_file.is_open()
                          ? current_file.read(0, std::as_writable_bytes(std::span(current)), count)
                          : current_file.cause();
  if (failure != 0) return disk_error("read", current_path, failure);
  current.resize(count);
  const auto name = manifest_name(current);
  const auto manifest = name.empty() ? Descriptor::failed(ENOENT) : directory.open(name, O_RDONLY);
  if (manifest.cause() == ENOENT) {
    facts.problem = current_path + " is damaged: it names no manifest";
    return facts;
  }
  const auto manifest_path = path + "/" + name;
  if (!manifest.is_open()) return disk_error("read", manifest_path, manifest.cause());
  ManifestVisitor visitor(manifest_path, facts);
  if (const int cause = read_log(manifest, visitor); cause != 0) {
    return disk_error("read", manifest_path, cause);
  }
  visitor.finish();
  return facts;
}

}  // namespace tulving::storage
