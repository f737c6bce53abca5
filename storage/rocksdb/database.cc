#include "storage/rocksdb/database.h"

#include <new>
#include <utility>

namespace tulving::storage {

Database::~Database() {
  TULVING_DCHECK(!is_broken);  // Else it has itself, and does not get here.
  try {
    // Where RocksDB's own destructors find no memory they end the process: so it is seen first
    // whether there is some.
    constexpr std::size_t enough_bytes = std::size_t{1} << 20U;
    ::operator delete(::operator new(enough_bytes));
    for (auto* family : families) {
      TULVING_DCHECK(family == nullptr || db != nullptr);  // Handles go before their database.
      if (family != nullptr) (void)db->DestroyColumnFamilyHandle(family).ok();
    }
    // Its destructor does the same and may not throw.
    if (db != nullptr) (void)db->Close().ok();
  } catch (const std::bad_alloc&) {
    *remains = {std::move(lock), std::move(env), std::move(db)};
    static_cast<void>(remains.release());
  }
}

Status Database::check_sound() const {
  if (!is_broken) return {};
  return Error{ErrorCode::kResourceExhausted,
               "the process ran out of memory within the log of " + directory.string() +
                   ", which cannot be used, nor opened again, until the process has ended"};
}

}  // namespace tulving::storage
