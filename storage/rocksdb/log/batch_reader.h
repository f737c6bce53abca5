#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>

namespace tulving::storage {

/// Reads a record of a write-ahead log, which is a write batch, piece by piece, as RocksDB's
/// recovery does, and says whether it is one that a journal of ours writes. RocksDB believes what
/// the checksums of a log cover: an operation that only other databases write, a column family that
/// is not there or a wrong count makes it abort, lose rows without a word, or read past its buffer.
class BatchReader {
 public:
  /// `families`: the ids that there are.
  explicit BatchReader(const std::set<std::uint32_t>& families) : families_(families) {}

  /// For the next record.
  void clear();
  void read(std::string_view bytes);
  /// All was read: it is a batch of ours.
  [[nodiscard]] bool is_sound() const;

  // Of one that is sound.
  [[nodiscard]] std::uint64_t first() const { return first_; }  ///< Number of its first operation.
  [[nodiscard]] std::uint64_t count() const { return count_; }  ///< Operations.
  /// Of its durable_note(): the number of the last write known to be on disk. 0: none.
  [[nodiscard]] std::uint64_t durable() const { return durable_; }

 private:
  enum class Part : std::uint8_t {
    kHeader,
    kTag,
    kFamily,
    kKeyLength,
    kKey,
    kValueLength,
    kValue,
    kNoteLength,
    kNote,
    kForeign,  ///< It is none.
  };

  std::size_t read_part(std::string_view bytes);
  void read_header(char byte);
  void read_tag(char byte);
  void read_number(char byte);
  void end_number(std::uint32_t number);
  void end_bytes();
  void end_operation();

  const std::set<std::uint32_t>& families_;
  Part part_ = Part::kHeader;
  bool has_value_ = false;        ///< The operation is a put.
  std::uint64_t number_ = 0;      ///< A varint, as far as it was read.
  unsigned shift_ = 0;            ///< Its bits so far.
  std::uint64_t to_skip_ = 0;     ///< Bytes left of a key, value or note.
  std::size_t header_bytes_ = 0;  ///< Read of it.
  std::uint64_t first_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t found_ = 0;  ///< Operations so far.
  std::uint64_t durable_ = 0;
  bool is_first_ = true;         ///< Nothing stood before this note.
  std::array<char, 12> note_{};  ///< The first one, where it has our length.
  std::size_t note_bytes_ = 0;
};

}  // namespace tulving::storage
