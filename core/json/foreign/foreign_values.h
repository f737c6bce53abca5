#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/text/json_reader.h"
#include "tulving/json.h"

namespace tulving::json {

// Values as other systems write them, and the members of their objects.

/// What goes into a record's metadata: an object that the entry has for it, and beside that the
/// members that no list names.
class ForeignMetadata {
 public:
  /// An object's members; what is none goes beside, under `name`.
  Status add_object(std::string_view name, JsonValue value);
  Status add(std::string_view name, JsonValue value);
  /// The object; empty: there is none. A member beside whose name is taken is in an object
  /// `format` within.
  Result<std::string> json(std::string_view format) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& beside() const {
    return beside_;
  }

 private:
  using Members = std::vector<std::pair<std::string, std::string>>;  // Name and JSON.
  Members own_, beside_;
  std::set<std::string, std::less<>> names_beside_;
};

/// RFC 3339, "2026-05-01 10:00:00" in the zone of `in`, or seconds since 1970, exactly; as a number
/// or a text. What is finer than a microsecond is cut off.
Status read_foreign_time(const FieldValue& in, std::optional<Timestamp>& out);
/// A text that is not empty, or an integer.
Status read_foreign_id(const FieldValue& in, std::string& out);
/// Texts; one that is there twice is taken once.
Status read_foreign_tags(const FieldValue& in, std::vector<std::string>& out);
/// A vector of `model`.
Status read_foreign_vector(const FieldValue& in, std::string_view model,
                           std::vector<Embedding>& out);
/// What a memory says: a text, an object with a "text" or without, the parts of a message, or any
/// JSON, which is the content's member `name` then.
Status read_foreign_content(const FieldValue& in, std::string_view name, Memory& out);
/// A memory without text is found by the texts of its content, a line each.
void say_content(Memory& memory);

/// The value itself; of a text that is a JSON object or array, as a column of text holds them, what
/// it says. `holder` keeps what the answer views.
[[nodiscard]] JsonValue unwrapped(JsonValue value, std::string& holder);

/// Gives the memory the identity that `name` is in its system: its id where that is one, else its
/// name. A name that is too long for one is kept in the metadata as `member`.
Status identify(std::string_view tenant_id, const std::string& name, std::string_view member,
                Memory& memory, ForeignMetadata& metadata);
/// The id that a memory of that name has in the tenant.
[[nodiscard]] Uuid id_named(std::string_view tenant_id, std::string_view name);
/// The id of what a format has under these names.
[[nodiscard]] Uuid id_within(std::string_view tenant_id, std::string_view format,
                             std::string_view owner, std::string_view name);

/// A memory as it is being read, what only its format knows beside it.
struct ForeignMemory {
  Memory memory;
  std::string name;
  bool has_content = false;
  bool is_relation = false;
  ForeignMetadata metadata;
};

/// How a member of an entry is read. Without a function it is not kept.
template <class T>
struct ForeignMember {
  std::string_view name;
  Status (*read)(const FieldValue& in, T& out) = nullptr;
};

/// Reads each member as its list says; what is in no list goes beside the metadata. null is "not
/// given". All faults are told together.
template <class T, std::size_t kCount>
Status read_foreign(const JsonValue& object, const ForeignMember<T> (&members)[kCount],
                    const RecordDefaults& defaults, T& out, ForeignMetadata& metadata) {
  std::bitset<kCount> given;
  Faults faults;
  const auto read_one = [&](std::string_view key, JsonValue value) -> Status {
    std::size_t i = 0;
    while (i < kCount && members[i].name != key) ++i;
    if (i < kCount && given[i]) return given_twice(key);
    if (i < kCount) given.set(i);
    if (value.kind() == JsonKind::kNull) return {};
    if (i == kCount) return metadata.add(key, value);
    if (members[i].read == nullptr) return {};
    return members[i].read({members[i].name, value, defaults.tenant_id, defaults.zone}, out);
  };
  object.each_member([&](std::string_view key, JsonValue value) {
    if (const auto status = read_one(key, value); !status) faults.add(status.error());
    return !faults.full();
  });
  return faults.status();
}

// The usual readers of a member, for such lists.
template <auto kMember, class T = ForeignMemory>
Status memory_field(const FieldValue& in, T& out) {
  return read(in, out.memory.*kMember);
}
template <auto kMember, class T = ForeignMemory>
Status memory_time(const FieldValue& in, T& out) {
  return read_foreign_time(in, out.memory.*kMember);
}
template <class T = ForeignMemory>
Status memory_name(const FieldValue& in, T& out) {
  return read_foreign_id(in, out.name);
}
template <class T = ForeignMemory>
Status memory_metadata(const FieldValue& in, T& out) {
  return out.metadata.add_object(in.field, in.value);
}
template <class T = ForeignMemory>
Status memory_tags(const FieldValue& in, T& out) {
  return read_foreign_tags(in, out.memory.tags);
}
/// The first of several members that may hold it; the others go beside the metadata.
template <class T = ForeignMemory>
Status memory_content(const FieldValue& in, T& out) {
  if (std::exchange(out.has_content, true)) return out.metadata.add(in.field, in.value);
  return read_foreign_content(in, in.field, out.memory);
}

}  // namespace tulving::json
