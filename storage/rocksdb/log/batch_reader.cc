#include "storage/rocksdb/log/batch_reader.h"

#include <algorithm>

#include "core/base/check.h"
#include "storage/rocksdb/log/log_file.h"

namespace tulving::storage {
namespace {

// RocksDB's names for the first byte of an operation, of those that we write.
enum OperationTag : std::uint8_t {
  kDeletion = 0x0,
  kPut = 0x1,
  kLogData = 0x3,
  kFamilyDeletion = 0x4,
  kFamilyPut = 0x5,
};

constexpr std::string_view kNoteMagic = kNoteStart.substr(2);

std::uint64_t byte_of(char byte) { return static_cast<unsigned char>(byte); }

}  // namespace

void BatchReader::clear() {
  part_ = Part::kHeader;
  header_bytes_ = 0;
  first_ = count_ = found_ = durable_ = 0;
  is_first_ = true;
}

void BatchReader::read(std::string_view bytes) {
  while (!bytes.empty() && part_ != Part::kForeign) bytes.remove_prefix(read_part(bytes));
}

bool BatchReader::is_sound() const {
  return part_ == Part::kTag && found_ == count_ && first_ > 0 && first_ <= kSequenceMax &&
         count_ <= kSequenceMax - first_;
}

/// Reads the part that stands there, or a byte of it; how many bytes that were.
std::size_t BatchReader::read_part(std::string_view bytes) {
  switch (part_) {
    case Part::kKey:
    case Part::kValue:
    case Part::kNote: {
      const auto taken = std::min<std::uint64_t>(bytes.size(), to_skip_);
      if (part_ == Part::kNote && note_bytes_ + taken <= note_.size()) {
        std::copy_n(bytes.begin(), taken, note_.begin() + note_bytes_);
        note_bytes_ += taken;
      }
      to_skip_ -= taken;
      if (to_skip_ == 0) end_bytes();
      return taken;
    }
    case Part::kHeader:
      read_header(bytes.front());
      return 1;
    case Part::kTag:
      read_tag(bytes.front());
      return 1;
    default:
      read_number(bytes.front());
      return 1;
  }
}

void BatchReader::read_header(char byte) {
  const std::size_t at = header_bytes_++;
  if (at < 8) {
    first_ |= byte_of(byte) << (8 * at);
  } else {
    count_ |= byte_of(byte) << (8 * (at - 8));
  }
  if (header_bytes_ == kBatchHeaderBytes) part_ = Part::kTag;
}

void BatchReader::read_tag(char byte) {
  number_ = shift_ = 0;
  switch (byte_of(byte)) {
    case kDeletion:
    case kPut:
      has_value_ = byte_of(byte) == kPut;
      part_ = families_.contains(0) ? Part::kKeyLength : Part::kForeign;
      break;
    case kFamilyDeletion:
    case kFamilyPut:
      has_value_ = byte_of(byte) == kFamilyPut;
      part_ = Part::kFamily;
      break;
    case kLogData:
      part_ = Part::kNoteLength;
      break;
    default:
      part_ = Part::kForeign;
  }
}

void BatchReader::read_number(char byte) {
  constexpr unsigned bits_max = 32;
  number_ |= (byte_of(byte) & 0x7fU) << shift_;
  shift_ += 7;
  if ((byte_of(byte) & 0x80U) == 0) {
    const auto number = static_cast<std::uint32_t>(number_);
    if (number != number_) {
      part_ = Part::kForeign;
    } else {
      end_number(number);
    }
  } else if (shift_ > bits_max) {
    part_ = Part::kForeign;
  }
}

void BatchReader::end_number(std::uint32_t number) {
  number_ = shift_ = 0;
  to_skip_ = number;
  switch (part_) {
    case Part::kFamily:
      part_ = families_.contains(number) ? Part::kKeyLength : Part::kForeign;
      return;
    case Part::kKeyLength:
      part_ = Part::kKey;
      break;
    case Part::kValueLength:
      part_ = Part::kValue;
      break;
    default:
      TULVING_DCHECK(part_ == Part::kNoteLength);
      part_ = Part::kNote;
      // A note of another length, or a later one, is somebody else's.
      note_bytes_ = is_first_ && number == note_.size() ? 0 : note_.size() + 1;
  }
  if (to_skip_ == 0) end_bytes();
}

void BatchReader::end_bytes() {
  if (part_ == Part::kNote) {
    if (note_bytes_ == note_.size() &&
        std::string_view(note_.data(), kNoteMagic.size()) == kNoteMagic) {
      for (std::size_t i = 0; i < 8; ++i) {
        durable_ |= byte_of(note_[kNoteMagic.size() + i]) << (8 * i);
      }
    }
    end_operation();
  } else if (part_ == Part::kKey && has_value_) {
    part_ = Part::kValueLength;
  } else {
    ++found_;
    end_operation();
  }
}

void BatchReader::end_operation() {
  is_first_ = false;
  part_ = Part::kTag;
}

}  // namespace tulving::storage
