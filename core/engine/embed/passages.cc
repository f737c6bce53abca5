#include "core/engine/embed/passages.h"

#include <algorithm>
#include <cstddef>

#include "core/model/text/sentences.h"
#include "tulving/records.h"

namespace tulving::engine {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";

// Where a sentence is cut in two: behind the blank that is nearest to its middle. 0: it has none.
std::size_t middle_of(std::string_view sentence) {
  const std::size_t half = sentence.size() / 2;
  const std::size_t before = sentence.find_last_of(kBlanks, half);
  const std::size_t after = sentence.find_first_of(kBlanks, half);
  if (before == std::string_view::npos && after == std::string_view::npos) return 0;
  if (before == std::string_view::npos) return after + 1;
  if (after == std::string_view::npos) return before + 1;
  return (half - before <= after - half ? before : after) + 1;
}

/// Sentences put together to passages, as they come.
class Packer {
 public:
  explicit Packer(const Embedder& embedder)
      : embedder_(embedder), limit_(embedder.text_limit().count) {}

  [[nodiscard]] bool is_full() const { return passages_.size() >= kPassagesMax; }

  Status add(std::string_view sentence) {
    if (is_full()) return {};
    const auto length = embedder_.length_of(sentence);
    if (!length) return length.error();
    if (*length > limit_) return add_parts(sentence);
    if (length_ + *length > limit_) finish();
    begin_ = length_ == 0 ? sentence.data() : begin_;
    end_ = sentence.data() + sentence.size();
    length_ += *length;
    return {};
  }

  std::vector<std::string_view> finished() && {
    finish();
    return std::move(passages_);
  }

 private:
  // One that cannot be cut is a passage, of which the embedder reads the beginning.
  Status add_parts(std::string_view sentence) {
    const std::size_t middle = middle_of(sentence);
    if (middle == 0 || middle >= sentence.size()) {
      finish();
      if (!is_full()) passages_.push_back(sentence);
      return {};
    }
    if (auto status = add(sentence.substr(0, middle)); !status) return status;
    return add(sentence.substr(middle));
  }

  void finish() {
    if (length_ != 0 && !is_full()) passages_.emplace_back(begin_, end_);
    length_ = 0;
  }

  const Embedder& embedder_;
  const std::size_t limit_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  std::size_t length_ = 0;  ///< Of the passage so far; 0: there is none.
  std::vector<std::string_view> passages_;
};

}  // namespace

Result<std::vector<std::string_view>> passages_of(const Embedder& embedder, std::string_view text) {
  const auto length = embedder.length_of(text);
  if (!length) return length.error();
  if (*length <= embedder.text_limit().count) return std::vector{text};
  Packer packer(embedder);
  for (const std::string_view sentence : model::split_sentences(text)) {
    if (auto status = packer.add(sentence); !status) return status.error();
    if (packer.is_full()) break;
  }
  std::vector<std::string_view> passages = std::move(packer).finished();
  if (passages.empty()) passages.push_back(text);
  return passages;
}

}  // namespace tulving::engine
