#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "storage/rocksdb/log/batch_reader.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/log/log_file.h"
#include "storage/rocksdb/log/manifest_audit.h"

namespace tulving::storage {

/// Follows the writes through the log files, in their order, and judges what is not one.
class WriteAudit final : public LogVisitor {
 public:
  /// `promised`: the number of a write known to have been on disk. `in_tables`, where given: writes
  /// up to this number are in tables, and are not missed. All outlive it.
  WriteAudit(const ManifestFacts& manifest, std::uint64_t promised,
             std::optional<std::uint64_t> in_tables, LogAudit& audit);

  /// What read_log() tells of is in the log `number`, which is the last of audit.state.files.
  void begin_file(std::uint64_t number);
  void end_file();
  /// After the last file.
  void finish();
  /// Writes are missing before the first record of some file, and whether they are in the tables
  /// decides what that means: to be audited again with `in_tables`.
  [[nodiscard]] bool must_know_tables() const { return must_know_tables_; }

  void begin_record(std::uint64_t offset) override;
  void add(std::string_view bytes) override { batch_.read(bytes); }
  void end_record() override;
  bool gap(const LogGap& gap) override;

 private:
  struct Gap {
    std::size_t file = 0;  ///< Its place in state.files.
    std::uint64_t log_number = 0;
    LogGap place;
    std::optional<std::uint64_t> first;  ///< Number of its first write, where a record came before.
    std::optional<std::uint64_t> end;    ///< Number of the first write after it.
    bool is_whole_file = false;          ///< It is before the file, which is sound itself.
    bool is_reported = false;
  };

  void open_gap(const LogGap& place);
  void see_sound(std::uint64_t first, std::uint64_t count);
  void begin_writes(std::uint64_t first);
  void report();
  [[nodiscard]] LogState::File& file() { return audit_.state.files.back(); }
  void drop_from(std::size_t file);

  const ManifestFacts& manifest_;
  const std::uint64_t promised_;
  const bool knows_tables_;
  LogAudit& audit_;
  const std::set<std::uint32_t> families_;
  BatchReader batch_{families_};
  std::uint64_t record_ = 0;  ///< Where the record is that is being read.
  std::uint64_t log_number_ = 0;
  bool is_first_in_file_ = true;
  bool may_miss_files_ = false;
  bool must_know_tables_ = false;
  std::optional<std::uint64_t> next_;         ///< Number that the next write must have.
  std::uint64_t next_sound_ = 0;              ///< As next_, by the logs' sound records alone.
  std::string last_path_;                     ///< Of the last of those.
  std::optional<std::size_t> second_writer_;  ///< The place of the first file of a second writer.
  std::optional<Gap> gap_;
};

}  // namespace tulving::storage
