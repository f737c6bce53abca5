#include "core/model/metadata/metadata.h"

#include <vector>

#include "core/base/json/decimal.h"
#include "core/base/json/json_text.h"

namespace tulving::model {
namespace {

std::string canonical_string(std::string_view raw) {
  std::string text;
  append_json_string(text, decode_json_string(raw));
  return text;
}

std::string canonical(JsonKind kind, std::string_view raw) {
  switch (kind) {
    case JsonKind::kString:
      return canonical_string(raw);
    case JsonKind::kNumber:
      return Decimal::of_json(raw).canonical();
    default:
      return std::string(raw);
  }
}

// Keeps the path of where it is. Each open container holds how long the path was before the member
// it stands under; an array adds nothing of its own.
class Flattener : public JsonHandler {
 public:
  using Visit = std::function<void(std::string_view path, std::string_view canonical_value)>;
  explicit Flattener(const Visit& visit) : visit_(visit) {}

  void on_begin(JsonKind /*kind*/) override { path_bytes_.push_back(path_.size()); }
  void on_end() override {
    path_bytes_.pop_back();
    leave_member();
  }
  void on_key(std::string_view raw) override {
    leave_member();
    if (!path_.empty()) path_ += '.';
    path_ += decode_json_string(raw);
  }
  void on_scalar(JsonKind kind, std::string_view raw) override {
    visit_(path_, canonical(kind, raw));
  }

 private:
  void leave_member() {
    if (!path_bytes_.empty()) path_.resize(path_bytes_.back());
  }

  const Visit& visit_;
  std::string path_;
  std::vector<std::size_t> path_bytes_;
};

}  // namespace

void visit_metadata_scalars(
    std::string_view json_object,
    const std::function<void(std::string_view path, std::string_view canonical_value)>& visit) {
  Flattener flattener(visit);
  (void)scan_json(json_object, &flattener);  // The rules have passed it.
}

std::optional<std::string> canonical_scalar(std::string_view json) {
  if (scan_json(json)) return std::nullopt;
  const JsonValue value = JsonValue::whole(json);
  if (value.kind() == JsonKind::kObject || value.kind() == JsonKind::kArray) return std::nullopt;
  return canonical(value.kind(), value.raw());
}

}  // namespace tulving::model
