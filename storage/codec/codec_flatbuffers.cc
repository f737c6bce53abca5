#include "storage/codec/codec_flatbuffers.h"

#include <fmt/format.h>

#include <algorithm>

namespace tulving::storage {

flatbuffers::FlatBufferBuilder& thread_builder() {
  thread_local flatbuffers::FlatBufferBuilder builder(4096);
  builder.Clear();  // At the start: an encode that threw left it half built.
  return builder;
}

StringsOffset put_strings(flatbuffers::FlatBufferBuilder& builder,
                          const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  thread_local std::vector<StringOffset> offsets;
  offsets.clear();
  for (const std::string& text : texts) {
    offsets.push_back(builder.CreateString(text.data(), text.size()));
  }
  return builder.CreateVector(offsets.data(), offsets.size());
}

flatbuffers::Offset<IdVector> put_ids(flatbuffers::FlatBufferBuilder& builder,
                                      std::span<const Uuid> ids) {
  if (ids.empty()) return {};
  fbs::Id* to = nullptr;
  const auto offset = builder.CreateUninitializedVectorOfStructs<fbs::Id>(ids.size(), &to);
  for (const Uuid& id : ids) *to++ = to_fbs(id);
  return offset;
}

std::vector<std::string_view> views(const StringVector* texts) {
  std::vector<std::string_view> found;
  if (texts == nullptr) return found;
  found.reserve(texts->size());
  for (const flatbuffers::String* text : *texts) found.push_back(view(text));
  return found;
}

std::vector<std::string> strings(const StringVector* texts) {
  std::vector<std::string> copies;
  if (texts == nullptr) return copies;
  copies.reserve(texts->size());
  for (const flatbuffers::String* text : *texts) copies.emplace_back(view(text));
  return copies;
}

std::vector<Uuid> uuids(const IdVector* ids) {
  std::vector<Uuid> copies;
  if (ids == nullptr) return copies;
  copies.reserve(ids->size());
  for (const fbs::Id* id : *ids) copies.push_back(from_fbs(id));
  return copies;
}

Error corrupt_row(std::string_view kind, std::string_view problem) {
  return {ErrorCode::kCorruption, fmt::format("a stored {} is damaged: {}", kind, problem)};
}

bool are_enumerators(const ByteVector* bytes, std::uint8_t count) {
  return bytes == nullptr ||
         std::all_of(bytes->begin(), bytes->end(), [&](auto byte) { return byte < count; });
}

bool are_texts(const StringVector* texts) {
  return texts == nullptr || std::all_of(texts->begin(), texts->end(), is_text);
}

}  // namespace tulving::storage
