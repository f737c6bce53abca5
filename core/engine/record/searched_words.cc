#include "core/engine/record/searched_words.h"

#include "core/base/check.h"
#include "core/base/json/json_text.h"
#include "index/text/text_index.h"

namespace tulving::engine {
namespace {

/// The strings among the values of a JSON text, a line each; not the members' names.
class Strings : public JsonHandler {
 public:
  void on_begin(JsonKind /*kind*/) override {}
  void on_end() override {}
  void on_key(std::string_view /*raw*/) override {}
  void on_scalar(JsonKind kind, std::string_view raw) override {
    if (kind != JsonKind::kString) return;
    if (!lines.empty()) lines += '\n';
    lines += decode_json_string(raw);
  }

  std::string lines;
};

}  // namespace

SearchedWords::SearchedWords(const storage::MemoryRecord& record) : text_(record.text()) {
  if (text_.empty() && !record.content().empty()) {
    Strings strings;
    // What is stored has passed the check; were it no JSON, it would have no strings.
    if (!scan_json(record.content(), &strings)) content_ = std::move(strings.lines);
  }
  beside_ = record.tags();
  for (const std::string_view entity : record.entities()) beside_.push_back(entity);
  for (const std::string_view keyword : record.keywords()) beside_.push_back(keyword);
  TULVING_DCHECK(text_.empty() || content_.empty());  // A text, or without one the content.
}

std::uint64_t SearchedWords::digest() const { return index::TextIndex::digest_of(text(), beside_); }

}  // namespace tulving::engine
