// Rows of the kinds that are declared in core/kinds: one encoder and one decoder for all of them.
// They make and read tables with what flatc generates of records.fbs; a declaration that does not
// fit its table does not compile.

#include <fmt/format.h>

#include <array>
#include <tuple>
#include <utility>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

namespace tulving::storage {
namespace {

using kinds::Bounds;
using kinds::Kind;
using kinds::Slot;

// The table of a kind in records.fbs.
template <class Record>
struct TableOf;
template <>
struct TableOf<Session> {
  using Type = fbs::Session;
};
template <>
struct TableOf<Relation> {
  using Type = fbs::Relation;
};
template <>
struct TableOf<ConsolidationTask> {
  using Type = fbs::ConsolidationTask;
};
template <>
struct TableOf<ConsolidationJob> {
  using Type = fbs::ConsolidationJob;
};
template <>
struct TableOf<Project> {
  using Type = fbs::Project;
};
template <>
struct TableOf<Task> {
  using Type = fbs::Task;
};
template <>
struct TableOf<Stage> {
  using Type = fbs::Stage;
};
template <>
struct TableOf<ErrorRecord> {
  using Type = fbs::ErrorRecord;
};
template <>
struct TableOf<CompressionMetric> {
  using Type = fbs::CompressionMetric;
};
template <>
struct TableOf<UserProfile> {
  using Type = fbs::UserProfile;
};
template <>
struct TableOf<AgentState> {
  using Type = fbs::AgentState;
};
template <>
struct TableOf<AccessLogEntry> {
  using Type = fbs::AccessLogEntry;
};
template <>
struct TableOf<DataSource> {
  using Type = fbs::DataSource;
};
template <>
struct TableOf<AccessPolicy> {
  using Type = fbs::AccessPolicy;
};
template <>
struct TableOf<AgentResult> {
  using Type = fbs::AgentResult;
};
template <>
struct TableOf<Memory> {  // Checked alone: its codec is in codec_memory.cc.
  using Type = fbs::Memory;
};
template <class Record>
using TraitsOf = typename TableOf<Record>::Type::Traits;

// What a value is in a table, as flatc's accessors give it.
template <class Value>
struct WireOf {
  using Type = Value;
};
template <class Enum>
requires std::is_enum_v<Enum>
struct WireOf<Enum> {
  using Type = std::uint8_t;
};
template <>
struct WireOf<std::string> {
  using Type = const flatbuffers::String*;
};
template <>
struct WireOf<Uuid> {
  using Type = const fbs::Id*;
};
template <>
struct WireOf<Timestamp> {
  using Type = std::int64_t;
};
template <class Value>
struct WireOf<std::optional<Value>> {
  using Type = flatbuffers::Optional<typename WireOf<Value>::Type>;
};
template <>
struct WireOf<std::vector<std::string>> {
  using Type = const StringVector*;
};
template <>
struct WireOf<std::vector<Uuid>> {
  using Type = const IdVector*;
};
template <class Enum>
struct WireOf<std::vector<Enum>> {
  using Type = const ByteVector*;
};

template <class Record>
consteval bool names_fit() {
  constexpr auto& names = TraitsOf<Record>::field_names;
  bool fit = true;
  kinds::each_field<Record>([&](const auto& field) {
    const std::string_view name = kinds::last_part(field.name);
    fit = fit && std::string_view(names[field.slot.now]).ends_with(name);
    if (field.slot.former == Slot::kNone) {
      fit = fit && names[field.slot.now] == name;
    } else {
      fit = fit && names[field.slot.former] == name;
    }
  });
  return fit;
}

// Fields at the end of a table that are the row's, not the record's: a memory's edited_revision.
template <class Record>
constexpr std::size_t kRowFields = std::is_same_v<Record, Memory> ? 1 : 0;

template <class Record>
struct Fits {
  static_assert(kinds::internal::slot_count<Record>() + kRowFields<Record> ==
                    TraitsOf<Record>::fields_number,
                "the kind's declaration and its table in records.fbs have not as many fields");
  static_assert(kinds::Sound<Record>::value);
  static_assert(names_fit<Record>(),
                "a field's slot is that of another field in the kind's table in records.fbs");
  static constexpr bool value = true;
};
static_assert(Fits<Memory>::value);

template <class Record, class Field>
constexpr void type_fits() {
  using Enums = std::is_enum<typename Field::Value>;
  if constexpr (!Enums::value && Field::slot.former == Slot::kNone) {
    static_assert(std::is_same_v<typename TraitsOf<Record>::template FieldType<Field::slot.now>,
                                 typename WireOf<typename Field::Value>::Type>,
                  "a field has another type in the kind's table in records.fbs than in the record");
  }
}

// An id as the argument of a table's maker: a pointer to it, or none.
struct IdArgument {
  fbs::Id id;
  bool is_given = true;
};

std::int64_t put(flatbuffers::FlatBufferBuilder&, const Bounds&, const Timestamp& value) {
  return to_fbs(value);
}
template <class Value>
requires std::is_arithmetic_v<Value> Value put(flatbuffers::FlatBufferBuilder&, const Bounds&,
                                               const Value& value) {
  return value;
}
template <class Enum>
requires std::is_enum_v<Enum> std::uint8_t put(flatbuffers::FlatBufferBuilder&, const Bounds&,
                                               const Enum& value) {
  return to_byte(value);
}
StringOffset put(flatbuffers::FlatBufferBuilder& builder, const Bounds& bounds,
                 const std::string& value) {
  return bounds.length_least > 0 ? builder.CreateString(value) : put_string(builder, value);
}
IdArgument put(flatbuffers::FlatBufferBuilder&, const Bounds& bounds, const Uuid& value) {
  return {to_fbs(value), !value.is_nil() || !bounds.needed.empty()};
}
template <class Value>
auto put(flatbuffers::FlatBufferBuilder& builder, const Bounds& bounds,
         const std::optional<Value>& value) {
  using Wire = flatbuffers::Optional<typename WireOf<Value>::Type>;
  return value ? Wire(put(builder, bounds, *value)) : Wire();
}
StringsOffset put(flatbuffers::FlatBufferBuilder& builder, const Bounds&,
                  const std::vector<std::string>& value) {
  return put_strings(builder, value);
}
flatbuffers::Offset<IdVector> put(flatbuffers::FlatBufferBuilder& builder, const Bounds&,
                                  const std::vector<Uuid>& value) {
  return put_ids(builder, value);
}
template <class Enum>
flatbuffers::Offset<ByteVector> put(flatbuffers::FlatBufferBuilder& builder, const Bounds&,
                                    const std::vector<Enum>& value) {
  return put_enumerators(builder, value);
}

template <class Part>
const Part& argument(const Part& part) {
  return part;
}
const fbs::Id* argument(const IdArgument& part) { return part.is_given ? &part.id : nullptr; }

// The place in the kind's fields of the one whose present slot it is.
template <class Record, std::size_t kSlot>
consteval std::size_t field_at() {
  std::size_t place = 0, found = kinds::internal::kFieldCount<Record>;
  kinds::each_field<Record>([&](const auto& field) {
    if (field.slot.now == kSlot) found = place;
    ++place;
  });
  return found;
}

// What flatc's accessor gives of a field that is not in the table.
template <class Record, std::size_t kSlot>
auto absent() {
  // A table without fields at 8, its vtable of 4 bytes at 4.
  alignas(8) static constexpr std::array<std::uint8_t, 12> kEmpty = {8, 0, 0, 0, 4, 0,
                                                                     4, 0, 4, 0, 0, 0};
  return flatbuffers::GetRoot<typename TableOf<Record>::Type>(kEmpty.data())
      ->template get_field<kSlot>();
}

template <class Record, std::size_t kSlot>
auto put_slot(flatbuffers::FlatBufferBuilder& builder, const Record& record) {
  if constexpr (field_at<Record, kSlot>() == kinds::internal::kFieldCount<Record>) {
    return absent<Record, kSlot>();  // The former slot of a field: nobody writes it any more.
  } else {
    constexpr auto& field = kinds::kFieldAt<Record, field_at<Record, kSlot>()>;
    const auto& value = field.of(record);
    // What a row is found by is always in it, as records.fbs requires.
    constexpr Bounds bounds = kinds::is_key<std::remove_cvref_t<decltype(field)>>()
                                  ? Bounds{.length_least = 1, .needed = "it is the key"}
                                  : field.bounds;
    if constexpr (field.slot.former == Slot::kNone) {
      return put(builder, bounds, value);
    } else {
      // Left out where the former slot, empty, says the same.
      using Wire = flatbuffers::Optional<double>;
      const std::optional<double> known = exact(Wire(), absent<Record, field.slot.former>());
      const std::optional<double> given = value;
      return given == known || !given ? Wire() : Wire(*given);
    }
  }
}

// Copies a value out of a row. What is wrong with it; null: nothing.
using Fault = const char*;
constexpr Fault kBadText = "is not UTF-8", kBadNumber = "is a number out of range",
                kBadEnumerator = "is an enumerator out of range",
                kBadTime = "is a time out of range";

template <class Number>
requires std::is_arithmetic_v<Number> Fault get(Number from, const Bounds& bounds, Number& to) {
  to = from;
  if constexpr (std::is_same_v<Number, bool>) return nullptr;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(from)) return kBadNumber;
  }
  const auto value = static_cast<double>(from);
  return value >= bounds.least && value <= bounds.most ? nullptr : kBadNumber;
}
Fault get(const std::optional<double>& from, const Bounds& bounds, std::optional<double>& to) {
  return from ? get(*from, bounds, to.emplace()) : nullptr;
}
template <class Enum>
requires std::is_enum_v<Enum> Fault get(std::uint8_t from, const Bounds&, Enum& to) {
  to = static_cast<Enum>(from);
  return from < kinds::kNames<Enum>.size() ? nullptr : kBadEnumerator;
}
Fault get(std::int64_t from, const Bounds&, Timestamp& to) {
  to = time_from_fbs(from);
  return is_time(from) ? nullptr : kBadTime;
}
Fault get(const flatbuffers::String* from, const Bounds&, std::string& to) {
  if (from != nullptr && !is_text(from)) return kBadText;
  to = view(from);
  return nullptr;
}
Fault get(const fbs::Id* from, const Bounds&, Uuid& to) {
  to = from_fbs(from);
  return nullptr;
}
template <class Wire, class Value>
Fault get(flatbuffers::Optional<Wire> from, const Bounds& bounds, std::optional<Value>& to) {
  return from ? get(*from, bounds, to.emplace()) : nullptr;
}
Fault get(const StringVector* from, const Bounds&, std::vector<std::string>& to) {
  if (!are_texts(from)) return kBadText;
  to = strings(from);
  return nullptr;
}
Fault get(const IdVector* from, const Bounds&, std::vector<Uuid>& to) {
  to = uuids(from);
  return nullptr;
}
template <class Enum>
Fault get(const ByteVector* from, const Bounds&, std::vector<Enum>& to) {
  to = enumerators<Enum>(from);
  return are_enumerators(from, kinds::kNames<Enum>.size()) ? nullptr : kBadEnumerator;
}

}  // namespace

template <class Record>
std::string encode(const Record& record) {
  static_assert(Fits<Record>::value);
  auto& builder = thread_builder();
  return [&]<std::size_t... kSlots>(std::index_sequence<kSlots...>) {
    // Texts and lists are made before their table is begun, in the order of the slots.
    const std::tuple parts{put_slot<Record, kSlots>(builder, record)...};
    return take_bytes(builder, std::apply(
                                   [&](const auto&... part) {
                                     return TraitsOf<Record>::Create(builder, argument(part)...);
                                   },
                                   parts));
  }
  (std::make_index_sequence<TraitsOf<Record>::fields_number>());
}

template <class Record>
Result<Record> decode(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<typename TableOf<Record>::Type>(aligned.get());
  if (row == nullptr) return corrupt_row(Kind<Record>::noun, "its bytes are not a record");
  Record record;
  Fault fault = nullptr;
  std::string_view at;
  kinds::all_fields<Record>([&]<class Field>(const Field& field) {
    type_fits<Record, Field>();
    if constexpr (Field::slot.former == Slot::kNone) {
      fault = get(row->template get_field<Field::slot.now>(), field.bounds, field.of(record));
    } else {
      const auto value = exact(row->template get_field<Field::slot.now>(),
                               row->template get_field<Field::slot.former>());
      fault = get(value, field.bounds, field.of(record));
    }
    at = field.name;
    return fault == nullptr;
  });
  if (fault != nullptr) return corrupt_row(Kind<Record>::noun, fmt::format("{} {}", at, fault));
  if constexpr (std::is_same_v<kinds::Key<Record>, std::string>) {
    if (kinds::key_of(record).empty()) return corrupt_row(Kind<Record>::noun, "its key is empty");
  }
  return record;
}

template <>
std::string encode(const Memory& record) {
  return std::string(MemoryRecord::encode(record)->bytes());
}

template <>
Result<Memory> decode(std::string_view bytes) {
  auto record = MemoryRecord::decode(std::string(bytes));
  if (!record) return record.error();
  return (*record)->to_memory();
}

// Makes both of every plain kind here, so that a kind more is no line more.
template <class Kinds>
struct CodecsOf;
template <class... Records>
struct CodecsOf<kinds::KindList<Records...>> {
  static constexpr std::tuple all{&encode<Records>..., &decode<Records>...};
};
template struct CodecsOf<kinds::PlainKinds>;

}  // namespace tulving::storage
