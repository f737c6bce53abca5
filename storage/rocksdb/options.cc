#include "storage/rocksdb/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "core/base/check.h"
#include "storage/rocksdb/checksum.h"

namespace tulving::storage {
namespace {

constexpr std::uint64_t kMebibyte = 1U << 20U;

/// Drops everything. What matters comes back as a status; a LOG file costs each open a dump of
/// every option and keeps keys that a purge would have to hunt for.
class QuietLogger final : public rocksdb::Logger {
 public:
  QuietLogger() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
  void Logv(const rocksdb::InfoLogLevel /*level*/, const char* /*format*/,
            va_list /*arguments*/) override {}
  void LogHeader(const char* /*format*/, va_list /*arguments*/) override {}
};

/// After a full disk RocksDB would look every few seconds whether there is room again, and then
/// move what it has into tables, some families and not others, past the torn end of its log: the
/// next opening finds tables that are ahead of the log and refuses. max_bgerror_resume_count is not
/// asked.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::ColumnFamilyOptions table_options(std::uint64_t write_buffer_bytes,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.checksum = rocksdb::kXXH3;
  blocks.format_version = 5;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.block_cache = cache;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.write_buffer_size = write_buffer_bytes;
  // Blocks of the default size, 1 MiB, come from the system anew with each memtable, and making
  // fresh pages took more of an append than copying into them. Small ones malloc keeps.
  options.arena_block_size = 64 * 1024;
  options.memtable_protection_bytes_per_key = 8;
  options.paranoid_file_checks = true;
  // What a flush writes is soon compacted. Compressing it, and reading it back for the check, took
  // a fifth of the flushes, which work beside the writers.
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression,
                                   options.compression};
  return options;
}

rocksdb::ColumnFamilyOptions vector_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  auto options = table_options(32 * kMebibyte, cache);
  options.compression = rocksdb::kNoCompression;  // Floats do not compress.
  options.compression_per_level.clear();
  options.enable_blob_files = true;  // A compaction then moves keys, not 6 KB values.
  options.min_blob_size = 1024;
  options.blob_file_size = 64 * kMebibyte;
  options.blob_compression_type = rocksdb::kNoCompression;
  options.enable_blob_garbage_collection = true;
  options.blob_garbage_collection_age_cutoff = 0.25;
  options.blob_garbage_collection_force_threshold = 0.5;
  return options;
}

// Ids are random, so that each insertion into a memtable searches its list from the top, a miss of
// the cache a level. With the first byte of the id as a hint it begins where the last insertion
// under that byte ended, eight levels down.
constexpr std::size_t kRecordHintBytes = sizeof(std::uint32_t) + 1 + 1;  // Tenant, kind, byte.
constexpr std::size_t kVectorHintBytes = sizeof(std::uint32_t) + 1;      // Tenant, byte.

rocksdb::ColumnFamilyOptions hinted(rocksdb::ColumnFamilyOptions options, std::size_t bytes) {
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(bytes));
  return options;
}

}  // namespace

rocksdb::DBOptions db_options(rocksdb::Env* env, const LogState& log) {
  TULVING_DCHECK(env != nullptr);  // RocksDB would take its own, past a test's disk.
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = false;  // A store whose files are lost must not become an empty one.
  options.info_log = std::make_shared<QuietLogger>();

  // Integrity.
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.fail_if_options_file_error = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.file_checksum_gen_factory = file_checksums();
  // Fail-stop: what failed once is not tried again behind our back.
  options.max_bgerror_resume_count = 0;
  options.listeners = {std::make_shared<NoRecovery>()};

  // Left off for their bugs in 7.8 (holes in the log after a power loss, false alarms at recovery):
  options.manual_wal_flush = false;
  options.wal_bytes_per_sync = 0;
  options.recycle_log_file_num = 0;
  options.wal_compression = rocksdb::kNoCompression;
  options.enable_pipelined_write = false;
  options.unordered_write = false;
  options.atomic_flush = false;
  options.track_and_verify_wals_in_manifest = false;
  options.best_efforts_recovery = false;

  // Quick opens. A torn log is always moved into tables, so that it is gone before the next write.
  options.avoid_flush_during_recovery =
      !log.is_torn && log.bytes() <= kReplayBytesMax && log.files.size() <= kReplayFilesMax;
  options.max_open_files = -1;
  options.max_file_opening_threads = 2;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;

  options.max_total_wal_size = 128 * kMebibyte;  // Bounds the replay after a crash.
  options.bytes_per_sync = kMebibyte;            // Tables only.
  options.avoid_unnecessary_blocking_io = true;
  options.max_background_jobs = 2;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families() {
  // The engine keeps records in RAM and reads here only vectors now and then.
  const auto cache = rocksdb::NewLRUCache(8 * kMebibyte);
  // The default one has the change feed, some 130 bytes a write: a table in 30,000 of them.
  return {{rocksdb::kDefaultColumnFamilyName, table_options(4 * kMebibyte, cache)},
          {"records", hinted(table_options(16 * kMebibyte, cache), kRecordHintBytes)},
          {"vectors", hinted(vector_options(cache), kVectorHintBytes)},
          {"history", table_options(8 * kMebibyte, cache)}};
}

rocksdb::ReadOptions point_read_options() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

rocksdb::ReadOptions scan_options() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;
  options.total_order_seek = true;
  options.readahead_size = 2 * kMebibyte;
  return options;
}

rocksdb::WriteOptions write_options() {
  rocksdb::WriteOptions options;
  options.sync = false;  // make_durable() syncs.
  return options;
}

}  // namespace tulving::storage
