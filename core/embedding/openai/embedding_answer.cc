#include "core/embedding/openai/embedding_answer.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"

namespace tulving::embedding {
namespace {

constexpr std::size_t kMessageBytes = 300;

Error no_answer(const std::string& what) {
  return {ErrorCode::kIo, "the answer is none of embeddings: " + what};
}

template <class Number>
std::optional<Number> number_of(const JsonValue& value) {
  Number number{};
  const std::string_view raw = value.raw();
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  if (value.kind() != JsonKind::kNumber || error != std::errc() || end != raw.end()) return {};
  return number;
}

// Little-endian floats, as this machine has them: x86-64.
std::optional<std::vector<float>> floats_of_base64(const std::string& text) {
  static_assert(std::endian::native == std::endian::little);
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || bytes.size() % sizeof(float) != 0) return {};
  std::vector<float> floats(bytes.size() / sizeof(float));
  std::memcpy(floats.data(), bytes.data(), bytes.size());
  return floats;
}

std::optional<std::vector<float>> floats_of(const JsonValue& value) {
  if (value.kind() == JsonKind::kString) return floats_of_base64(value.as_string());
  if (value.kind() != JsonKind::kArray) return {};
  std::vector<float> floats;
  bool is_sound = true;
  value.each_element([&](JsonValue element) {
    const auto number = number_of<float>(element);
    is_sound = number.has_value();
    if (is_sound) floats.push_back(*number);
    return is_sound;
  });
  if (!is_sound) return {};
  return floats;
}

/// Rows as they come, by their index.
class Rows {
 public:
  Rows(std::size_t texts, std::uint32_t dim) : rows_(texts), dim_(dim) {}

  Status take(const JsonValue& entry, std::size_t position) {
    std::size_t index = position;
    if (const auto given = entry.member("index")) {
      const auto number = number_of<std::size_t>(*given);
      if (!number || *number >= rows_.size()) return no_answer("an index is that of no text");
      index = *number;
    }
    const auto embedding = entry.member("embedding");
    auto floats = embedding ? floats_of(*embedding) : std::nullopt;
    if (!floats) return no_answer(fmt::format("entry {} has no embedding", position));
    if (index >= rows_.size() || !rows_[index].empty()) {
      return no_answer(fmt::format("entry {} is one too many", position));
    }
    if (dim_ == 0) dim_ = static_cast<std::uint32_t>(floats->size());
    if (floats->empty() || floats->size() != dim_) {
      return no_answer(
          fmt::format("entry {} has {} components, not {}", position, floats->size(), dim_));
    }
    rows_[index] = *std::move(floats);
    return {};
  }

  Result<std::vector<float>> joined() && {
    std::vector<float> all;
    all.reserve(rows_.size() * dim_);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i].empty()) return no_answer(fmt::format("text {} has no embedding", i));
      all.insert(all.end(), rows_[i].begin(), rows_[i].end());
    }
    return all;
  }

 private:
  std::vector<std::vector<float>> rows_;
  std::uint32_t dim_;
};

}  // namespace

std::string embedding_request(const std::string& model, const std::vector<std::string>& texts) {
  std::string json = R"({"model":)";
  append_json_string(json, model);
  json += R"(,"encoding_format":"base64","input":[)";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) json += ',';
    append_json_string(json, texts[i]);
  }
  return json + "]}";
}

Result<std::vector<float>> vectors_of_answer(std::string_view json, std::size_t texts,
                                             std::uint32_t dim) {
  if (const auto fault = scan_json(json)) {
    return no_answer(fmt::format("at byte {} {}", fault->offset, fault->what));
  }
  const auto data = JsonValue::whole(json).member("data");
  if (!data || data->kind() != JsonKind::kArray) return no_answer("it has no list \"data\"");
  Rows rows(texts, dim);
  Status status;
  std::size_t position = 0;
  data->each_element([&](JsonValue entry) {
    status = rows.take(entry, position++);
    return status.has_value();
  });
  if (!status) return status.error();
  return std::move(rows).joined();
}

std::string message_of_answer(std::string_view body) {
  std::string message(body.substr(0, kMessageBytes));
  if (!scan_json(body)) {
    const auto error = JsonValue::whole(body).member("error");
    const auto said = error ? error->member("message") : std::nullopt;
    if (said && said->kind() == JsonKind::kString) message = said->as_string();
    if (error && error->kind() == JsonKind::kString) message = error->as_string();
  }
  message.resize(std::min(message.size(), kMessageBytes));
  if (const auto bad = first_invalid_utf8(message)) message.resize(*bad);
  std::ranges::replace_if(
      message, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return message.empty() ? "(nothing)" : message;
}

}  // namespace tulving::embedding
