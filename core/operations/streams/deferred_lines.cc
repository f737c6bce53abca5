#include "core/operations/streams/deferred_lines.h"

#include <fmt/core.h>
#include <stdio.h>  // getline(3), tmpfile(3)

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "core/base/json/json_text.h"

namespace tulving::operations {

namespace {

Error no_room() { return {ErrorCode::kIo, "cannot write a temporary file: no room?"}; }

/// The ids by which the record may mean a memory, each hashed with the tenant's. None of a memory
/// without id and name, which no other line means.
std::vector<std::size_t> memories_meant(const Tenant& tenant, const Record& record) {
  std::vector<std::size_t> hashes;
  const auto* memory = std::get_if<Memory>(&record);
  if (memory == nullptr) return hashes;
  const std::size_t salt = std::hash<std::string>()(tenant.id());
  const auto add = [&](const Uuid& id) { hashes.push_back(std::hash<Uuid>()(id) ^ salt); };
  if (!memory->id.is_nil()) add(memory->id);
  if (!memory->external_id.empty()) {
    add(Uuid::derive(tenant.id(), memory->external_id));
    if (const auto present = tenant.resolve(memory->external_id)) add(*present);
  }
  return hashes;
}

/// The end of the JSON string that `text` begins with.
const char* end_of_string(std::string_view text) {
  std::size_t i = 1;
  while (text[i] != '"') i += text[i] == '\\' ? 2 : 1;
  return text.data() + i + 1;
}

/// "LINE EQUAL_BEFORE PLACE RECORD", as add() wrote it.
Result<LineRecord> parse_deferred(std::string_view text) {
  LineRecord line;
  const char* end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, line.line);
  const auto count = std::from_chars(number.ptr + 1, end, line.equal_before);
  const char* place = count.ptr + 1;
  const char* place_end = end_of_string({place, static_cast<std::size_t>(end - place)});
  line.place = decode_json_string({place, static_cast<std::size_t>(place_end - place)});
  const std::string_view json(place_end + 1, static_cast<std::size_t>(end - place_end - 1));
  auto record = parse_record(json);
  if (!record) return record.error();  // The disk's fault: it was written from a record.
  line.bytes = json.size();
  line.record = *std::move(record);
  return line;
}

}  // namespace

Status DeferredLines::add(const Tenant& tenant, const LineRecord& line) {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) return no_room();
  std::string text = fmt::format("{} {} ", line.line, line.equal_before);
  append_json_string(text, line.place);
  text.append(" ").append(to_json_line(line.record.tenant_id, line.record.record)).append("\n");
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return no_room();
  ++size_;
  for (const std::size_t hash : memories_meant(tenant, line.record.record)) memories_.insert(hash);
  return {};
}

bool DeferredLines::holds(const Tenant& tenant, const Record& record) const {
  if (memories_.empty()) return false;
  return std::ranges::any_of(memories_meant(tenant, record),
                             [this](std::size_t hash) { return memories_.contains(hash); });
}

Status DeferredLines::take(const std::function<Status(LineRecord)>& visit) {
  const File file = std::exchange(file_, File());
  const std::uint64_t count = std::exchange(size_, 0);
  memories_.clear();
  if (count == 0) return {};
  if (std::fflush(file.get()) != 0) return no_room();
  std::rewind(file.get());
  char* buffer = nullptr;
  std::size_t capacity = 0;
  Status status;
  for (std::uint64_t i = 0; i < count && status; ++i) {
    const ssize_t bytes = getline(&buffer, &capacity, file.get());
    if (bytes <= 0) {
      status = Error{ErrorCode::kIo, "cannot read a temporary file"};
      break;
    }
    auto line = parse_deferred({buffer, static_cast<std::size_t>(bytes - 1)});
    status = line ? visit(*std::move(line)) : Status(line.error());
  }
  std::free(buffer);
  return status;
}

}  // namespace tulving::operations
