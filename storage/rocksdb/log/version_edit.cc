#include "storage/rocksdb/log/version_edit.h"

namespace tulving::storage {
namespace {

// RocksDB's numbers for the fields of an edit, of those that we write.
enum EditTag : std::uint32_t {
  kKeyOrder = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kDeletedFile = 6,
  kPreviousLogNumber = 9,
  kLogNumberToKeep = 10,
  kNewFile = 103,
  kFamily = 200,
  kFamilyAdd = 201,
  kFamilyMax = 203,
  kInAtomicGroup = 300,
  kBlobFile = 400,
  kBlobGarbage = 401,
  kMayBePassedOver = 1U << 13U,  ///< From here on, with a length: by a release that knows them not.
  kDatabaseId,
  kLastKnown = kMayBePassedOver + 8,  ///< Those up to here RocksDB 7.8 knows, and heeds.
};

// And for those of a new table.
enum TableFieldTag : std::uint32_t {
  kEnd = 1,
  kFieldLogNumberToKeep = 3,
  kPathId = 65,
  kMustBeKnown = 1U << 6U,
};

/// Takes fields off the front of a record.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }

  bool number(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      if (shift == 63 && byte > 1) return false;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80U) == 0) return true;
    }
    return false;
  }
  bool number(std::uint32_t& value) {
    std::uint64_t wide = 0;
    const bool is_read = number(wide);
    value = static_cast<std::uint32_t>(wide);
    return is_read && value == wide;
  }
  template <class Number>
  bool number(std::optional<Number>& value) {
    return number(value.emplace());
  }
  bool bytes(std::string_view& value) {
    std::uint32_t length = 0;
    if (!number(length) || length > bytes_.size()) return false;
    value = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return true;
  }
  bool text(std::string& value) {
    std::string_view view;
    if (!bytes(view)) return false;
    value = view;
    return true;
  }
  bool text(std::optional<std::string>& value) { return text(value.emplace()); }

 private:
  std::string_view bytes_;
};

// What follows the fixed fields of a table: times, checksums, an id.
bool read_table_fields(Fields& fields, VersionEdit& edit) {
  while (true) {
    std::uint32_t tag = 0;
    std::string_view value;
    if (!fields.number(tag)) return false;
    if (tag == kEnd) return true;
    if (!fields.bytes(value)) return false;
    if (tag == kPathId && value != std::string_view("\0", 1)) return false;  // We have one path.
    if (tag != kPathId && (tag & kMustBeKnown) != 0) return false;
    if (tag != kFieldLogNumberToKeep) continue;
    if (value.size() != sizeof(std::uint64_t)) return false;
    edit.log_number_to_keep = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      *edit.log_number_to_keep |= std::uint64_t{static_cast<unsigned char>(value[i])} << (8 * i);
    }
  }
}

bool read_table(Fields& fields, VersionEdit& edit) {
  auto& table = edit.added.emplace_back();
  std::uint64_t file_bytes = 0;
  return fields.number(table.level) && fields.number(table.number) && fields.number(file_bytes) &&
         fields.text(table.smallest) && fields.text(table.largest) && fields.number(table.first) &&
         fields.number(table.last) && read_table_fields(fields, edit);
}

bool read_blobs(Fields& fields, std::vector<VersionEdit::Blobs>& all, bool has_checksum) {
  auto& blobs = all.emplace_back();
  std::string_view ignored;
  if (!fields.number(blobs.number) || !fields.number(blobs.count) || !fields.number(blobs.bytes)) {
    return false;
  }
  if (has_checksum && (!fields.bytes(ignored) || !fields.bytes(ignored))) return false;
  while (true) {
    std::uint32_t tag = 0;
    if (!fields.number(tag) || (tag & kMustBeKnown) != 0) return false;
    if (tag == 0) return true;
    if (!fields.bytes(ignored)) return false;
  }
}

bool read_field(std::uint32_t tag, Fields& fields, VersionEdit& edit) {
  std::string_view ignored;
  std::uint32_t number = 0;
  switch (tag) {
    case kKeyOrder:
      return fields.text(edit.comparator);
    case kLogNumber:
      return fields.number(edit.log_number);
    case kNextFileNumber:
      return fields.number(edit.next_file_number);
    case kLastSequence:
      return fields.number(edit.last_sequence);
    case kPreviousLogNumber:
      return fields.number(edit.previous_log_number);
    case kLogNumberToKeep:
      return fields.number(edit.log_number_to_keep);
    case kDeletedFile: {
      auto& deleted = edit.deleted.emplace_back();
      return fields.number(deleted.level) && fields.number(deleted.number);
    }
    case kNewFile:
      return read_table(fields, edit);
    case kFamily:
      return fields.number(edit.family);
    case kFamilyAdd:
      return fields.text(edit.added_family);
    case kFamilyMax:
      return fields.number(number);
    case kInAtomicGroup:
      return fields.number(edit.edits_left);
    case kBlobFile:
      return read_blobs(fields, edit.blob_files, true);
    case kBlobGarbage:
      return read_blobs(fields, edit.garbage, false);
    default:
      return (tag == kDatabaseId || tag > kLastKnown) && (tag & kMayBePassedOver) != 0 &&
             fields.bytes(ignored);
  }
}

}  // namespace

std::optional<VersionEdit> decode_version_edit(std::string_view record) {
  VersionEdit edit;
  for (Fields fields(record); !fields.empty();) {
    std::uint32_t tag = 0;
    if (!fields.number(tag) || !read_field(tag, fields, edit)) return std::nullopt;
  }
  return edit;
}

}  // namespace tulving::storage
