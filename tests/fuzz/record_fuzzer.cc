// Rows as bytes: the first one says which kind, the rest is the row. What is read is the same when
// it is written and read again.

#include "core/kinds/kinds.h"
#include "storage/codec/codec.h"
#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {
namespace {

template <class Record>
void read_plain(std::string_view bytes) {
  const auto first = storage::decode<Record>(bytes);
  if (!first) return;
  const auto again = storage::decode<Record>(storage::encode<Record>(*first));
  TULVING_CHECK(again && *again == *first);
}

template <class Decode, class Encode>
void read_row(std::string_view bytes, Decode decode, Encode encode) {
  const auto first = decode(bytes);
  if (!first) return;
  const std::string written = encode(*first);
  const auto again = decode(written);
  TULVING_CHECK(again && encode(*again) == written);
}

void read_history(std::string_view bytes) {
  const auto entry = storage::decode_history(bytes);
  if (entry) (void)storage::MemoryRecord::decode(entry->memory).has_value();
}

void read_embedding(std::string_view bytes) {
  const auto read = storage::decode_embedding(bytes);
  if (read) TULVING_CHECK(!read->vector.empty());
  (void)storage::view_embedding(bytes).has_value();
}

}  // namespace

TULVING_FUZZER(record) {
  using namespace storage;
  Input parts(input);
  const auto kind = parts.byte();
  const std::string bytes(parts.rest());  // At an address of its own, as from the log.
  (void)row_revision(bytes).has_value();
  switch (kind % 13) {
    case 0:
      return read_plain<Memory>(bytes);
    case 1:
      return read_plain<Session>(bytes);
    case 2:
      return read_plain<Relation>(bytes);
    case 3:
      return read_plain<ConsolidationTask>(bytes);
    case 4:
      return read_plain<ConsolidationJob>(bytes);
    case 5:
      return read_row(bytes, decode_plan, encode_plan);
    case 6:
      return read_embedding(bytes);
    case 7:
      return read_row(bytes, decode_tombstone, encode_tombstone);
    case 8:
      return read_history(bytes);
    case 9:
      return read_row(bytes, decode_idempotency, encode_idempotency);
    case 10:
      return read_row(bytes, decode_tenant, encode_tenant);
    case 11:
      return read_row(bytes, decode_model, encode_model);
    default:
      read_row(bytes, decode_store, encode_store);
      return read_row(bytes, decode_change, encode_change);
  }
}

}  // namespace tulving::fuzz
