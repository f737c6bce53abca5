// What a script does with whole stores: snapshots, restores, reopening, older formats.

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <map>

#include "core/base/fault_points.h"
#include "core/base/files/directories.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "tests/torture/facts.h"
#include "tests/torture/player.h"

namespace tulving::torture {

using storage::RecordKind;
using storage::Table;

// Each has a folder of its own: a store that lost its last writes takes it once more.
Status Player::take_snapshot(std::uint64_t number) {
  if (auto status = remove_all(ground_.disk, snapshot_path(number)); !status) return status;
  const auto info = store_->snapshot(snapshot_path(number));
  return info ? Status() : Status(info.error());
}

// What a restore that was cut short left is no store, or all of one; and no other restore minds it.
Status Player::restore(const Operation& operation, const Model& model) {
  const auto copy = directory_ / "copy";
  struct stat info {};
  // One that was being removed.
  if (auto status = remove_all(ground_.disk, directory_ / "copy.removed"); !status) return status;
  if (ground_.disk.stat(AT_FDCWD, copy.string(), info) == 0) {
    StoreOptions options;
    options.create_if_missing = false;
    auto left = ground_.files.open(copy, options);
    if (left) {
      const std::uint64_t digest = digest_of(facts_of(*left, model));
      bool is_whole = false;
      for (const auto& [slot, fact] : model.snapshots) is_whole = is_whole || fact.facts == digest;
      // It may be of a snapshot that was replaced since; but it is none that holds nothing.
      expect(is_whole || !left->tenants().empty(), "a restore that was cut short opens as a store");
      if (auto status = left->close(); !status) return status;
      if (auto status = remove_copy(); !status) return status;
    }
  }
  const auto restored =
      ground_.files.restore(snapshot_path(model.snapshots.at(operation.slot).number), copy);
  if (!restored) return restored.error();
  if (auto status = check_copy(model, operation.slot); !status) return status;
  return remove_copy();
}

// Whoever is killed while it removes a store leaves a half of one, over which no restore goes. So
// it gets another name first.
Status Player::remove_copy() {
  const auto doomed = directory_ / "copy.removed";
  if (auto status = remove_all(ground_.disk, doomed); !status) return status;
  const auto folder = Descriptor::open(ground_.disk, directory_, O_RDONLY | O_DIRECTORY);
  int cause = folder.is_open() ? folder.rename("copy", "copy.removed", true) : folder.cause();
  if (cause == 0) cause = folder.fsync();
  if (cause != 0 && cause != ENOENT) return io_error("move", doomed.string(), cause);
  return remove_all(ground_.disk, doomed);
}

Status Player::check_copy(const Model& model, int slot) {
  auto copy = ground_.files.open(directory_ / "copy", {});
  if (!copy) return copy.error();
  const auto held = facts_of(*copy, model);
  expect(digest_of(held) == model.snapshots.at(slot).facts,
         fmt::format("a store restored from snapshot {} holds something else", slot));
  const auto report = copy->verify();
  if (!report) return report.error();
  for (const auto& problem : report->problems) expect(false, "the restored copy: " + problem);
  return copy->close();
}

Status Player::reopen(bool purges) {
  if (purges) {
    if (auto status = store_->purge(); !status && status.error().code != ErrorCode::kBusy) {
      return status;
    }
  }
  if (auto status = close(); !status) return status;
  if (auto status = open(); !status) return status;
  return start_maintenance();
}

Status Player::age() {
  if (TULVING_SABOTAGE(kTombstoneWithoutKind)) return {};  // It cannot get older.
  if (auto status = close(); !status) return status;
  if (auto status = make_older(ground_, directory_ / "db"); !status) return status;
  if (auto status = open(); !status) return status;
  return start_maintenance();
}

Status make_older(const Ground& ground, const std::filesystem::path& db) {
  auto journal = ground.open_journal(StoreFiles::log_directory(db), {});
  if (!journal) return journal.error();
  storage::JournalBatch batch;
  std::map<std::string, std::string> moved;
  bool is_possible = true;
  const auto reader = (*journal)->snapshot();
  auto scanned = reader->scan(
      Table::kRecords, "", [&](std::string_view bytes, std::string_view value) -> Status {
        const auto key = storage::parse_record_key(bytes);
        if (!key || key->kind != RecordKind::kTombstone || key->gone == 0) return {};
        batch.erase(Table::kRecords, std::string(bytes));
        const auto former = storage::record_key(key->tenant, RecordKind::kTombstone, key->id);
        is_possible = moved.emplace(former, value).second && is_possible;
        return {};
      });
  if (!scanned) return scanned;
  for (auto& [key, value] : moved) batch.put(Table::kRecords, key, value);
  const auto row = reader->get(Table::kMeta, storage::store_key());
  if (!row) return row.error();
  if (is_possible && *row) {
    auto store = storage::decode_store(**row);
    if (!store) return store.error();
    store->format = 2;
    batch.put(Table::kMeta, storage::store_key(), storage::encode_store(*store));
    if (auto status = (*journal)->append(batch); !status) return status;
  }
  return (*journal)->close();
}

}  // namespace tulving::torture
