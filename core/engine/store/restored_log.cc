#include <fmt/format.h>

#include <memory>

#include "core/engine/store/store_files.h"
#include "core/engine/store/store_impl.h"

namespace tulving {
namespace {

/// Another's journal, read through: a store closes its own, and that would say that it is whole.
class LentJournal final : public storage::Journal {
 public:
  explicit LentJournal(storage::Journal& lent) : lent_(lent) {}

  Status append(const storage::JournalBatch& /*batch*/) override { return read_only(); }
  Status make_durable() override { return read_only(); }
  Status purge() override { return read_only(); }
  Result<std::optional<std::string>> get(storage::Table table,
                                         std::string_view key) const override {
    return lent_.get(table, key);
  }
  std::unique_ptr<storage::JournalReader> snapshot() const override { return lent_.snapshot(); }
  // Of files: these were written a moment ago, and their marker says that they are no store's yet.
  Result<std::vector<std::string>> verify() const override { return std::vector<std::string>(); }
  std::uint64_t disk_bytes() const override { return lent_.disk_bytes(); }
  Status close() override { return {}; }

 private:
  static Error read_only() {
    return {ErrorCode::kInvalidArgument, "a store that is being restored is read only"};
  }

  storage::Journal& lent_;
};

}  // namespace

Status StoreFiles::check_restored(storage::Journal& journal) const {
  StoreOptions options;
  options.read_only = true;
  // No directory: the indexes are made of the rows, and no file but the log's is looked at.
  auto store = std::make_shared<Store::Impl>(std::filesystem::path(), options, Thresholds(),
                                             std::make_unique<LentJournal>(journal), files_);
  if (auto status = store->recover(); !status) return status;
  const auto report = store->verify();
  if (!report) return report.error();
  if (report->problems.empty()) return {};
  const std::size_t more = report->problems.size() - 1;
  return Error{
      ErrorCode::kCorruption,
      fmt::format("the snapshot's rows make no sound store: {}{}", report->problems.front(),
                  more == 0 ? "" : fmt::format("; and {} more", more))};
}

}  // namespace tulving
