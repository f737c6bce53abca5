#include <fmt/format.h>

#include <algorithm>

#include "core/operations/streams/import.h"

namespace tulving::operations {

Result<std::optional<StreamLine>> RecordSource::next_line() {
  if (is_stopped()) return std::optional<StreamLine>();
  auto given = lines_.next();
  if (!given) {
    if (is_stopped()) return std::optional<StreamLine>();  // The read was cut short.
    return given.error();
  }
  if (!*given) return std::optional<StreamLine>();
  StreamLine line = **given;
  if (line.number == 0) line.number = number_ + 1;
  if (!line.is_part) ++number_;
  return std::optional(line);
}

RecordDefaults record_defaults(const Arguments& given) {
  RecordDefaults defaults{given.text("tenant_id"), given.text("model"), {}};
  // It was checked with the arguments.
  if (const std::string zone = given.text("zone"); !zone.empty()) {
    if (const auto parsed = parse_time_zone(zone)) defaults.zone = *parsed;
  }
  return defaults;
}

RecordReader::RecordReader(const Running& running, const StreamEnds& lines)
    : RecordSource(lines), running_(running), defaults_(record_defaults(running.arguments)) {}

Result<TenantRecord> RecordReader::parse(const StreamLine& line) const {
  auto record = parse_record(line.text, defaults_);
  if (!record) return record;
  if (record->tenant_id.empty()) {
    return Error{ErrorCode::kInvalidArgument, "tenant_id is missing", "tenant_id"};
  }
  const std::string& bound = running_.caller.tenant_id;
  if (bound.empty() || record->tenant_id == bound) return record;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("tenant_id is \"{}\"; must be \"{}\", the caller's", record->tenant_id, bound),
      "tenant_id"};
}

Status RecordReader::attach(const StreamLine& line, Memory& memory) const {
  for (const NamedVector& vector : line.vectors) {
    const std::string& model = defaults_.embedding_model;
    if (std::ranges::any_of(memory.embeddings,
                            [&](const Embedding& other) { return other.model == model; })) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("the line has an embedding of model \"{}\", and so has {}", model,
                               vector.source),
                   "embedding"};
    }
    memory.embeddings.push_back({model, {vector.values.begin(), vector.values.end()}});
  }
  return {};
}

// A line of another system's file, or of a document that was written over many lines, is refused
// for what the file is.
LineError RecordReader::refused(const StreamLine& line, Error error) {
  LineError refused{line.number, std::move(error), foreign_format(line.text)};
  if (std::exchange(is_first_, false) && !refused.format.empty() && line.text.size() == 1) {
    document_ = refused.format;
  }
  if (!document_.empty()) refused.format = document_;
  return refused;
}

Result<RecordSource::Next> RecordReader::next() {
  auto given = next_line();
  if (!given) return given.error();
  if (!*given) return Next();
  const StreamLine& line = **given;
  if (line.is_part) {
    return Error{ErrorCode::kInvalidArgument,
                 "a line came in parts; records are a line each, whole", "is_part"};
  }
  auto record = parse(line);
  if (!record) return Next(refused(line, record.error()));
  is_first_ = false;
  const std::uint32_t equal_before = equal_.count(record->tenant_id, record->record);
  if (auto* memory = std::get_if<Memory>(&record->record)) {
    auto status = attach(line, *memory);
    if (!status) return Next(refused(line, status.error()));
  }
  return Next(LineRecord{line.number, line.text.size(), equal_before, *std::move(record)});
}

}  // namespace tulving::operations
