#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tulving {

/// How a file of many records is laid out, beside being lines: what in it is read entry by entry.
struct EntryShape {
  /// Members of the outermost object that hold rows: {"results": [...]}, {"users": {"ana": {...}}}.
  std::span<const std::string_view> envelopes = {};
  /// Members of a row whose elements are entries of their own: {"session_id": "s", "turns": [...]}.
  std::span<const std::string_view> lists = {};
};

/// A part of the file that is read by itself.
struct Entry {
  enum class Kind : std::uint8_t {
    kRow,
    kElement,       ///< Of a list of a row, which it comes before.
    kElementFault,  ///< An element that is not taken; what is wrong is in `text`.
    kFault,         ///< Likewise a row, with the elements that came before it.
    kEnd,           ///< Likewise, and nothing after it can be read.
  };
  Kind kind = Kind::kRow;
  /// JSON as it stands, within which only brackets and quotes were looked at. A row's is without
  /// its lists.
  std::string text;
  std::string within;       ///< The list's name; of a row, the envelope's. Empty: none.
  std::string key;          ///< The member's name where that is an object: JSON, not judged either.
  std::uint64_t index = 0;  ///< The place among its like, from 0.
  std::uint64_t line = 0;   ///< Where it begins.
  std::string place;        ///< A JSON pointer within the document. Empty: the line says it all.
};

/// Takes a file apart that comes piece by piece: lines of JSON, an array of rows, an object that is
/// a row or holds some, or several of them. Memory is bounded by the longest entry.
///
/// What is wrong within brackets that match costs the entry alone. Lines are told from a document
/// by the first line, which is whole in itself or not; a broken line costs itself.
class EntryStream {
 public:
  /// `shape` must outlive the stream. An entry has `entry_bytes_max` bytes at most.
  EntryStream(const EntryShape& shape, std::size_t entry_bytes_max)
      : shape_(shape), entry_bytes_max_(entry_bytes_max) {}

  /// Reads on in `text`, a piece of line `line`, and takes off it what was read. Whether an entry
  /// is in `out`; if not, all of `text` was read.
  bool next(std::string_view& text, std::uint64_t line, Entry& out);
  /// The line ends. Likewise.
  bool end_line(Entry& out);
  /// The file ends. Likewise.
  bool end(Entry& out);

  [[nodiscard]] bool is_over() const { return is_over_; }  ///< A kEnd came.

 private:
  enum class Role : std::uint8_t { kRows, kRow, kList };
  enum class Expect : std::uint8_t { kValueOrEnd, kValue, kKeyOrEnd, kKey, kColon, kCommaOrEnd };
  enum class Layout : std::uint8_t { kUnknown, kLines, kDocument };

  /// An open array or object whose entries are told apart.
  struct Frame {
    Role role = Role::kRow;
    bool is_object = false;
    Expect expect = Expect::kValueOrEnd;
    bool has_envelope = false;  // A row that is none.
    bool is_too_long = false;
    std::uint64_t index = 0;  // Of the next element.
    std::uint64_t line = 0;
    std::string place;
    std::string within;
    std::string own_key;  // Its name in what it lies in, as JSON.
    std::uint64_t own_index = 0;
    std::string key;   // Of the member that is being read, as JSON.
    std::string text;  // Of a row: its members so far.
    std::vector<std::string_view> lists_given;
    std::string fault;  // Of a row that is being skipped: why.
  };
  /// A value that is gathered, or skipped, to its end.
  struct Capture {
    enum class Kind : std::uint8_t { kNone, kString, kWord, kBrackets };
    Kind kind = Kind::kNone;
    bool is_key = false;
    bool is_skipped = false;  // The rest of a broken row.
    bool in_string = false;
    bool is_escaped = false;
    bool is_too_long = false;
    std::uint64_t depth = 0;
    std::uint64_t line = 0;
    std::string text;
  };

  bool step(char c, Entry& out);
  bool step_root(char c, Entry& out);
  bool close(char c, Entry& out);
  bool begin_value(char c, Entry& out);
  void open(Role role, bool is_object, std::string_view within);
  void begin_capture(char c, bool is_key);
  bool read_capture(std::string_view& text);
  bool finish_capture(Entry& out);
  void add_member(Frame& row);
  bool finish_row(Entry& out);
  bool fault(std::string_view what, char c, Entry& out);
  bool fault_of_line(std::string what, Entry& out);
  bool skip_row(std::string what, char c);
  void put(Entry::Kind kind, const Frame& of, std::string text, Entry& out) const;
  [[nodiscard]] std::string place_in(const Frame& parent) const;
  [[nodiscard]] std::string_view listed(std::span<const std::string_view> names,
                                        std::string_view key) const;
  [[nodiscard]] std::string_view take_list(Frame& row) const;
  [[nodiscard]] bool holds_rows() const;
  void reset();

  const EntryShape& shape_;
  std::size_t entry_bytes_max_;
  Layout layout_ = Layout::kUnknown;
  std::vector<Frame> frames_;  // From the outermost.
  Capture capture_;
  std::uint64_t line_ = 0;
  bool any_on_line_ = false;    // Something but blanks stood on this line.
  bool any_rows_seen_ = false;  // An array or envelope of rows was begun.
  bool any_row_put_ = false;    // Or refused.
  bool is_skipping_line_ = false;
  bool is_over_ = false;
};

}  // namespace tulving
