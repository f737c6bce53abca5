#include "tools/cli/transfer/import_source.h"

#include <fmt/core.h>

#include "tulving/json_members.h"

namespace tulving::tools {

LineKind line_kind(std::string_view line) {
  const auto kind = peek_json_member(line, "kind");
  if (!kind || kind->front() != '"') return LineKind::kUnreadable;
  return json_shown(*kind) == "memory" ? LineKind::kMemory : LineKind::kOther;
}

Result<ImportSource> ImportSource::open(const std::string& path, const std::string& vectors,
                                        bool rewindable, std::size_t line_bytes_max) {
  auto lines = LineReader::open(path, rewindable || !vectors.empty(), line_bytes_max);
  if (!lines) return lines.error();
  ImportSource source(path, vectors, *std::move(lines));
  if (!vectors.empty()) {
    auto file = VectorFile::open(vectors);
    if (!file) return file.error();
    source.vectors_ = *std::move(file);
    if (auto status = source.match_rows(); !status) return status.error();
  }
  return source;
}

Status ImportSource::rewind() {
  next_row_ = 0;
  return lines_.rewind();
}

// A line that is no JSON cannot say whether it is a memory. The counts tell whether the vector file
// has rows for such lines; where they do not, the wrong vectors would be taken, so nothing is.
Status ImportSource::match_rows() {
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

void ImportSource::show(Progress& progress) const {
  progress.set(lines_.bytes_total() == 0 ? lines_.number() : lines_.bytes_read(),
               lines_.bytes_total());
}

Result<std::optional<StreamLine>> ImportSource::next_part(Progress& progress) {
  auto part = lines_.next_part();
  if (!part) return part.error();
  show(progress);
  if (!*part) return std::optional<StreamLine>();
  return std::optional(
      StreamLine{.text = (*part)->text, .number = lines_.number(), .is_part = (*part)->goes_on});
}

Result<std::optional<StreamLine>> ImportSource::next(Progress& progress) {
  auto text = lines_.next();
  if (!text) return text.error();
  show(progress);
  if (!*text) return std::optional<StreamLine>();
  StreamLine line{.text = **text, .number = lines_.number()};
  const LineKind kind = vectors_ ? line_kind(line.text) : LineKind::kOther;
  if (kind == LineKind::kMemory || (kind == LineKind::kUnreadable && unreadable_have_rows_)) {
    auto values = vectors_->read(next_row_++);
    if (!values) return values.error();
    values_ = *std::move(values);
    vector_ = {"embedding", values_, vectors_path_};
    line.vectors = std::span(&vector_, 1);
  }
  return std::optional(line);
}

}  // namespace tulving::tools
