#include "core/model/metadata/canonical_json.h"

#include <map>
#include <vector>

#include "core/base/json/json_text.h"
#include "core/model/metadata/metadata.h"

namespace tulving::model {
namespace {

// Builds each value's text when it ends. A stack, since JSON may be deeper than the thread's.
class Canonical : public JsonHandler {
 public:
  void on_begin(JsonKind kind) override { open_.push_back({kind, {}, {}, {}}); }
  void on_end() override {
    Container done = std::move(open_.back());
    open_.pop_back();
    std::string text;
    if (done.kind == JsonKind::kObject) {
      for (const auto& [key, value] : done.members) {
        text += text.empty() ? '{' : ',';
        text += key;
        text += ':';
        text += value;
      }
      text += text.empty() ? "{}" : "}";
    } else {
      text = done.elements.empty() ? "[]" : std::move(done.elements) + "]";
    }
    add(std::move(text));
  }
  void on_key(std::string_view raw) override {
    open_.back().key.clear();
    append_json_string(open_.back().key, decode_json_string(raw));
  }
  void on_scalar(JsonKind /*kind*/, std::string_view raw) override {
    add(canonical_scalar(raw).value_or(std::string(raw)));
  }

  std::string take() && { return std::move(whole_); }

 private:
  struct Container {
    JsonKind kind;
    std::map<std::string, std::string> members;
    std::string key;
    std::string elements;
  };

  void add(std::string text) {
    if (open_.empty()) {
      whole_ = std::move(text);
    } else if (open_.back().kind == JsonKind::kObject) {
      open_.back().members[open_.back().key] = std::move(text);
    } else {
      open_.back().elements += (open_.back().elements.empty() ? '[' : ',') + text;
    }
  }

  std::vector<Container> open_;
  std::string whole_;
};

}  // namespace

std::string canonical_json(std::string_view json) {
  Canonical handler;
  if (scan_json(json, &handler)) return std::string(json);
  return std::move(handler).take();
}

}  // namespace tulving::model
