#include "core/operations/streams/foreign_reader.h"

#include <fmt/format.h>

#include "core/base/hash.h"
#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"
#include "core/json/text/json_reader.h"

namespace tulving::operations {

namespace {

// So many lines that cannot be read and none that can: this is no such file, whatever it is.
constexpr std::uint64_t kUnreadableMax = 100;
// Of sessions that are known to be there; those beyond are looked up again.
constexpr std::size_t kSessionsKnownMax = 1'000'000;
constexpr std::size_t kNameMax = 64;  // Characters of session_id and user_id.

/// What the record is found by. Empty: it has no identity of its own.
std::optional<EntryKey> key_of(const std::string& tenant_id, const Record& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    if (!memory->id.is_nil()) return entry_key("memory", memory->id.to_string());
    if (memory->external_id.empty()) return std::nullopt;
    return entry_key("memory", Uuid::derive(tenant_id, memory->external_id).to_string());
  }
  if (const auto* relation = std::get_if<Relation>(&record)) {
    return entry_key("relation", relation->source_id.to_string() + relation->target_id.to_string() +
                                     relation->relation_type);
  }
  if (const auto* session = std::get_if<Session>(&record)) {
    return entry_key("session", session->session_id);
  }
  if (const auto* profile = std::get_if<UserProfile>(&record)) {
    return entry_key("user_profile", profile->user_id);
  }
  if (const auto* state = std::get_if<AgentState>(&record)) {
    return entry_key("agent_state", state->state_id);
  }
  return std::nullopt;
}

RecordDefaults foreign_defaults(const Arguments& given) {
  RecordDefaults defaults = record_defaults(given);
  if (!defaults.zone) defaults.zone = TimeZone();  // UTC.
  return defaults;
}

}  // namespace

ForeignReader::ForeignReader(const Running& running, const StreamEnds& lines,
                             const json::ForeignFormat& format)
    : RecordSource(lines),
      running_(running),
      format_(format),
      defaults_(foreign_defaults(running.arguments)),
      entries_(format, [this] { return next_line(); }) {}

Result<RecordSource::Next> ForeignReader::next() {
  while (true) {
    if (!ready_.empty()) {
      Next first = std::move(ready_.front());
      ready_.pop_front();
      return first;
    }
    if (is_stopped() || (is_over_ && !is_taking_elements_)) return Next();
    auto entry = is_taking_elements_ ? elements_.take() : entries_.next();
    if (!entry) return entry.error();
    if (is_stopped()) return Next();  // Of a file that is not read on, no end tells anything.
    Status status;
    if (*entry) {
      status = is_taking_elements_ ? take_element(**entry) : take(**std::move(entry));
    } else if (!std::exchange(is_taking_elements_, false)) {
      return Next();
    }
    if (!status) return status.error();
  }
}

Status ForeignReader::take(Entry entry) {
  switch (entry.kind) {
    case Entry::Kind::kElement:
    case Entry::Kind::kElementFault:
      return elements_.add(std::move(entry));
    case Entry::Kind::kRow:
      return take_row(entry);
    case Entry::Kind::kFault:
      elements_.clear();
      refuse(entry, {ErrorCode::kInvalidArgument, entry.text});
      ++unreadable_;
      if (taken_ > 0 || unreadable_ < kUnreadableMax) return {};
      entry.text = fmt::format("none of the first {} lines can be read", unreadable_);
      [[fallthrough]];
    case Entry::Kind::kEnd:
      elements_.clear();
      end(entry);
      return {};
  }
  return {};
}

/// Nothing after this can be read.
void ForeignReader::end(const Entry& entry) {
  is_over_ = true;
  const std::string what =
      taken_ == 0 ? fmt::format("nothing before it was read: is this a file of {}?", format_.system)
                  : fmt::format(
                        "the {} entries before it were read and are imported; once the "
                        "file is whole, import it again",
                        taken_);
  refuse(entry, {ErrorCode::kInvalidArgument, fmt::format("{}; {}", entry.text, what)});
}

void ForeignReader::refuse(const Entry& entry, Error error, std::string format) {
  ready_.emplace_back(
      LineError{entry.line, std::move(error), std::move(format), well_formed(entry.place)});
}

Result<json::ForeignEntry> ForeignReader::judged(const Entry& entry) const {
  if (const auto fault = scan_json(entry.text)) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("the entry is not valid JSON at its byte {}: {}", fault->offset, fault->what)};
  }
  json::ForeignEntry judged{entry.within, {}, entry.index, JsonValue::whole(entry.text)};
  if (entry.key.empty()) return judged;
  if (const auto fault = scan_json(entry.key)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the entry's name is not valid JSON at its byte {}: {}", fault->offset,
                             fault->what)};
  }
  judged.key = decode_json_string(entry.key);
  return judged;
}

Status ForeignReader::take_row(const Entry& entry) {
  const auto given = judged(entry);
  if (!given) {
    elements_.clear();
    refuse(entry, given.error());
    return {};
  }
  ++taken_;
  const bool is_object = given->value.kind() == JsonKind::kObject;
  Result<json::ForeignRow> row = json::ForeignRow{.is_other = true};
  if (is_object) row = format_.read_row(*given, defaults_);
  if (!row || row->is_other) {
    elements_.clear();
    if (!row) {
      refuse(entry, row.error());
    } else {
      std::string why = json::not_of(format_, given->value);
      refuse(entry, {ErrorCode::kInvalidArgument, why}, why);
    }
    return {};
  }
  row_ = *std::move(row);
  for (const Record& record : row_.records) {
    auto other = known_otherwise(record);
    if (!other) continue;
    elements_.clear();
    refuse(entry, *std::move(other));
    return {};
  }
  for (Record& record : row_.records) take_record(entry, std::move(record), equal_rows_);
  is_taking_elements_ = format_.read_element != nullptr;
  equal_elements_ = EqualRecords();
  return spread_lists(entry);
}

/// Adds the elements of the lists that came as texts.
Status ForeignReader::spread_lists(const Entry& row) {
  Status status;
  for (const auto& [name, text] : row_.lists) {
    Entry element;
    element.kind = Entry::Kind::kElement;
    element.within = name;
    element.line = row.line;
    const auto add = [&](const std::string& part, JsonValue value) {
      element.text = value.raw();
      element.place = fmt::format("{}/{}/{}", row.place, name, part);
      status = elements_.add(element);
      ++element.index;
      return status.has_value();
    };
    const JsonValue list = JsonValue::whole(text);
    if (list.kind() == JsonKind::kArray) {
      list.each_element([&](JsonValue value) { return add(std::to_string(element.index), value); });
      continue;
    }
    list.each_member([&](std::string_view key, JsonValue value) {
      element.key.clear();
      append_json_string(element.key, key);
      return add(std::string(key), value);
    });
  }
  return status;
}

Status ForeignReader::take_element(const Entry& entry) {
  if (entry.kind == Entry::Kind::kElementFault) {
    refuse(entry, {ErrorCode::kInvalidArgument, entry.text});
    return {};
  }
  const auto given = judged(entry);
  if (!given) {
    refuse(entry, given.error());
    return {};
  }
  ++taken_;
  auto record = format_.read_element(*given, row_, defaults_);
  if (!record) {
    refuse(entry, record.error());
  } else if (auto other = known_otherwise(*record)) {
    refuse(entry, *std::move(other));
  } else {
    take_record(entry, *std::move(record), equal_elements_);
  }
  return {};
}

/// Whether a record that is found by the same, and has other values, stands above.
std::optional<Error> ForeignReader::known_otherwise(const Record& record) {
  const auto key = key_of(defaults_.tenant_id, record);
  if (!key) return std::nullopt;
  const std::uint64_t digest = xxh3(std::string_view(to_json_line({}, record)));
  const auto [known, is_new] = known_.try_emplace(*key, digest);
  if (is_new || known->second == digest) return std::nullopt;
  return Error{ErrorCode::kInvalidArgument,
               "an entry with the same id and other values stands above; leave one of them out",
               "id"};
}

void ForeignReader::take_record(const Entry& entry, Record record, EqualRecords& equal) {
  const auto* memory = std::get_if<Memory>(&record);
  if (memory != nullptr && format_.makes_sessions) make_session(entry, *memory);
  LineRecord line{entry.line,
                  entry.text.size(),
                  0,
                  {defaults_.tenant_id, std::move(record)},
                  well_formed(entry.place)};
  line.equal_before = equal.count(defaults_.tenant_id, line.record.record);
  ready_.emplace_back(std::move(line));
}

/// A session that the file names and nobody has is made; of one that is there nothing is known
/// here, and it stays as it is.
void ForeignReader::make_session(const Entry& entry, const Memory& memory) {
  // One that is too long is refused with its memory.
  if (memory.session_id.empty() || utf8_length(memory.session_id) > kNameMax) return;
  if (sessions_.size() >= kSessionsKnownMax) sessions_.clear();
  if (!sessions_.insert(entry_key("session", memory.session_id)).second) return;
  if (has_session(memory.session_id)) return;
  Session session;
  session.session_id = memory.session_id;
  if (utf8_length(memory.user_id) <= kNameMax) session.user_id = memory.user_id;
  session.created_at = memory.created_at;
  ready_.emplace_back(LineRecord{
      entry.line, 0, 0, {defaults_.tenant_id, std::move(session)}, well_formed(entry.place)});
}

bool ForeignReader::has_session(const std::string& session_id) const {
  const auto tenant = running_.store().tenant(defaults_.tenant_id);
  return tenant && tenant->get<Session>(session_id).has_value();
}

}  // namespace tulving::operations
