#include "tools/cli/transfer/import_lines.h"

#include <fmt/core.h>
#include <stdio.h>  // getline(3), tmpfile(3)
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tulving/json_members.h"

namespace tulving::tools {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Error cannot_read(const std::string& path) {
  const auto code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Error{code, fmt::format("cannot read {}: {}", path == "-" ? "standard input" : path,
                                 std::strerror(errno))};
}

/// Copies what cannot be read twice into a temporary file that has no name.
Result<File> spool(std::FILE* from, const std::string& path) {
  File copy(std::tmpfile());
  if (!copy) return Error{ErrorCode::kIo, "cannot make a temporary file"};
  std::array<char, 1 << 16> block{};
  while (const std::size_t bytes = std::fread(block.data(), 1, block.size(), from)) {
    if (std::fwrite(block.data(), 1, bytes, copy.get()) != bytes) {
      return Error{ErrorCode::kIo, "cannot write a temporary file: no room?"};
    }
  }
  if (std::ferror(from) != 0) return cannot_read(path);
  std::rewind(copy.get());
  return copy;
}

}  // namespace

void LineReader::FreeBuffer::operator()(char* buffer) const noexcept { std::free(buffer); }

Result<LineReader> LineReader::open(const std::string& path, bool rewindable) {
  LineReader reader;
  reader.path_ = path;
  const bool standard_input = path == "-";
  // A duplicate, so that closing it leaves stdin alone.
  reader.file_.reset(standard_input ? fdopen(dup(STDIN_FILENO), "rb")
                                    : std::fopen(path.c_str(), "rb"));
  if (!reader.file_) return cannot_read(path);
  if (rewindable && fseeko(reader.file_.get(), 0, SEEK_END) != 0) {
    auto copy = spool(reader.file_.get(), path);
    if (!copy) return copy.error();
    reader.file_ = *std::move(copy);
  }
  if (fseeko(reader.file_.get(), 0, SEEK_END) == 0) {
    reader.bytes_total_ =
        static_cast<std::uint64_t>(std::max<off_t>(0, ftello(reader.file_.get())));
    if (auto status = reader.rewind(); !status) return status.error();
  }
  return reader;
}

Status LineReader::rewind() {
  if (fseeko(file_.get(), 0, SEEK_SET) != 0) return cannot_read(path_);
  number_ = 0;
  bytes_read_ = 0;
  return {};
}

Result<std::optional<std::string_view>> LineReader::next() {
  while (true) {
    char* buffer = buffer_.release();
    errno = 0;
    const ssize_t bytes = getline(&buffer, &capacity_, file_.get());
    buffer_.reset(buffer);
    if (bytes < 0) {
      if (std::ferror(file_.get()) != 0) return cannot_read(path_);
      return std::optional<std::string_view>();
    }
    ++number_;
    bytes_read_ += static_cast<std::uint64_t>(bytes);
    std::string_view line(buffer, static_cast<std::size_t>(bytes));
    if (number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    const auto last = line.find_last_not_of(" \t\r\n");
    if (last != std::string_view::npos) return std::optional(line.substr(0, last + 1));
  }
}

LineKind line_kind(std::string_view line) {
  const auto kind = peek_json_member(line, "kind");
  if (!kind || kind->front() != '"') return LineKind::kUnreadable;
  return json_shown(*kind) == "memory" ? LineKind::kMemory : LineKind::kOther;
}

Result<RecordReader> RecordReader::open(const ImportSource& source) {
  auto lines = LineReader::open(source.path, !source.vectors.empty());
  if (!lines) return lines.error();
  RecordReader reader(source, *std::move(lines));
  if (!source.vectors.empty()) {
    auto vectors = VectorFile::open(source.vectors);
    if (!vectors) return vectors.error();
    reader.vectors_ = *std::move(vectors);
    if (auto status = reader.match_rows(); !status) return status.error();
  }
  return reader;
}

// A line that is no JSON cannot say whether it is a memory. The counts tell whether the vector file
// has rows for such lines; where they do not, the wrong vectors would be taken, so nothing is.
Status RecordReader::match_rows() {
  std::uint64_t memories = 0;
  std::uint64_t unreadable = 0;
  while (true) {
    auto line = lines_.next();
    if (!line) return line.error();
    if (!*line) break;
    const LineKind kind = line_kind(**line);
    memories += kind == LineKind::kMemory ? 1 : 0;
    unreadable += kind == LineKind::kUnreadable ? 1 : 0;
  }
  unreadable_have_rows_ = vectors_->rows() == memories + unreadable;
  if (vectors_->rows() != memories && !unreadable_have_rows_) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("{} has {} rows, and {} has {} memory lines{}", vectors_path_, vectors_->rows(),
                    path_, memories,
                    unreadable == 0 ? std::string()
                                    : fmt::format(" and {} that cannot be read", unreadable))};
  }
  return lines_.rewind();
}

Result<TenantRecord> RecordReader::parse(std::string_view line) const {
  auto record = parse_record(line, defaults_);
  if (record && record->tenant_id.empty()) {
    return Error{ErrorCode::kInvalidArgument, "tenant_id is missing", "tenant_id"};
  }
  return record;
}

Status RecordReader::attach_row(Memory& memory, std::uint64_t row) {
  auto values = vectors_->read(row);
  if (!values) return values.error();
  Embedding embedding{defaults_.embedding_model, *std::move(values)};
  if (std::ranges::any_of(memory.embeddings,
                          [&](const Embedding& other) { return other.model == embedding.model; })) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the line has an embedding of model \"{}\", and so has {}",
                             embedding.model, vectors_path_),
                 "embedding"};
  }
  memory.embeddings.push_back(std::move(embedding));
  return {};
}

// A line of another system's file, or of a document that was written over many lines, is refused
// for what the file is.
LineError RecordReader::refused(std::string_view line, const Error& error) {
  LineError refused{lines_.number(), error.field, error.message, foreign_format(line)};
  if (std::exchange(is_first_, false) && !refused.format.empty() && line.size() == 1) {
    document_ = refused.format;
  }
  if (!document_.empty()) refused.format = document_;
  return refused;
}

Result<std::optional<std::variant<LineRecord, LineError>>> RecordReader::next() {
  using Next = std::optional<std::variant<LineRecord, LineError>>;
  auto line = lines_.next();
  if (!line) return line.error();
  if (!*line) return Next();
  std::optional<std::uint64_t> row;
  if (vectors_) {
    const LineKind kind = line_kind(**line);
    if (kind == LineKind::kMemory || (kind == LineKind::kUnreadable && unreadable_have_rows_)) {
      row = next_row_++;
    }
  }
  auto record = parse(**line);
  if (!record) return Next(refused(**line, record.error()));
  is_first_ = false;
  const std::uint32_t equal_before = equal_.count(record->tenant_id, record->record);
  if (auto* memory = std::get_if<Memory>(&record->record); memory != nullptr && row) {
    auto status = attach_row(*memory, *row);
    if (!status && status.error().code == ErrorCode::kIo) return status.error();
    if (!status) return Next(refused(**line, status.error()));
  }
  return Next(LineRecord{lines_.number(), (*line)->size(), equal_before, *std::move(record)});
}

}  // namespace tulving::tools
