// A store of whatever rows: table, length of the key, key, length of the value, value, one after
// the other. It opens or says why not; where it opens, it can be searched, verified and closed.

#include <stdlib.h>

#include "core/engine/store/store_files.h"
#include "storage/memory/memory_journal.h"
#include "tests/fuzz/fuzzer.h"
#include "tulving/tulving.h"

namespace tulving::fuzz {
namespace {

std::filesystem::path store_directory() {
  static const std::filesystem::path made = [] {
    std::string name = (std::filesystem::temp_directory_path() / "tulving-rows-XXXXXX").string();
    TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
    std::filesystem::create_directory(std::filesystem::path(name) / "log");
    return std::filesystem::path(name);
  }();
  return made;
}

storage::JournalBatch rows_of(std::string_view input) {
  storage::JournalBatch batch;
  for (Input parts(input); !parts.is_empty();) {
    const auto table = static_cast<storage::Table>(parts.byte() % storage::kTableCount);
    const auto key = parts.take(parts.byte());
    const auto value = parts.take(parts.number());
    if (!key.empty()) batch.put(table, std::string(key), std::string(value));
  }
  return batch;
}

void ask(Store& store) {
  for (const std::string& id : store.tenants()) {
    const Tenant tenant = store.tenant(id).value();
    SearchRequest request;
    request.text = "words";
    (void)tenant.search(request).has_value();
    (void)tenant.list({}).has_value();
    (void)tenant.plans().has_value();
    const auto visit = [](const Record&) { return Status(); };
    (void)tenant.export_records(visit, true).has_value();
  }
  (void)store.changes(0).has_value();
  (void)store.verify().has_value();
}

}  // namespace

TULVING_FUZZER(rows) {
  const auto batch = rows_of(input);
  const StoreFiles files(
      FileSystem::machine(),
      [&](const auto&, const auto&) -> Result<std::unique_ptr<storage::Journal>> {
        auto journal = storage::open_memory_journal();
        if (auto status = journal->append(batch); !status) return status.error();
        return journal;
      });
  StoreOptions options;
  options.durability = Durability::kNone;
  options.background_indexing = false;
  auto store = files.open(store_directory(), options);
  if (!store) return;
  ask(*store);
  (void)store->close().has_value();
}

}  // namespace tulving::fuzz
