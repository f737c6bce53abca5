#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "tests/engine/testing.h"
#include "tulving/embedder.h"

namespace tulving::testing {

/// An embedder whose vectors a test can tell: of a word the same direction in each text, and of a
/// synonym ("automobile" for "car") that of its word. What it does wrong, a test says.
class ToyEmbedder : public Embedder {
 public:
  explicit ToyEmbedder(std::string model = "toy", std::uint32_t dim = 32)
      : identity_{std::move(model), dim, true} {}

  [[nodiscard]] const EmbedderIdentity& identity() const noexcept override { return identity_; }

  [[nodiscard]] Result<std::vector<float>> embed_documents(
      std::span<const std::string_view> texts) const override {
    ++calls;
    wait_while_closed();
    if (offline) return Error{ErrorCode::kIo, "nobody answers"};
    if (throws) throw std::runtime_error("a bug of the caller's");
    std::vector<float> floats;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].find("refuse") != std::string_view::npos) {
        Error error{ErrorCode::kInvalidArgument, "the text says refuse", "text"};
        if (names_positions) error.position = i;
        return error;
      }
      const auto vector = of(texts[i]);
      floats.insert(floats.end(), vector.begin(), vector.end());
    }
    if (floats_too_many) floats.push_back(1);
    embedded += texts.size();
    return floats;
  }

  [[nodiscard]] Result<std::vector<float>> embed_query(std::string_view text) const override {
    wait_while_closed();
    if (offline) return Error{ErrorCode::kIo, "nobody answers"};
    return of(text);
  }

  [[nodiscard]] std::size_t batch_limit() const noexcept override { return batch; }
  [[nodiscard]] TextLength text_limit() const noexcept override {
    return {words_read, TextUnit::kPieces};
  }
  [[nodiscard]] Result<std::size_t> length_of(std::string_view text) const override {
    return static_cast<std::size_t>(std::ranges::count(text, ' ')) + 1;
  }

  /// What it makes of a text.
  [[nodiscard]] std::vector<float> of(std::string_view text) const {
    std::vector<float> sum(identity_.dim, 0.0F);
    std::size_t words = 0;
    if (text.find("nonsense") != std::string_view::npos) sum[0] = std::nanf("");
    for (std::size_t from = 0; from < text.size() && words < words_read; ++words) {
      const std::size_t end = std::min(text.find(' ', from), text.size());
      add_word(std::string(text.substr(from, end - from)), sum);
      from = end + 1;
    }
    float square = 0;
    for (const float x : sum) square += x * x;
    for (float& x : sum) x /= std::sqrt(square);
    return sum;
  }

  /// Holds every call back until open() is called.
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  void open() {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = false;
    }
    opened_.notify_all();
  }

  std::atomic<bool> offline = false, throws = false, floats_too_many = false;
  bool names_positions = true;
  std::size_t batch = 7;
  std::size_t words_read = 1'000'000;
  mutable std::atomic<std::size_t> calls = 0, embedded = 0;

 private:
  void wait_while_closed() const {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [&] { return !is_closed_; });
  }
  void add_word(std::string word, std::vector<float>& sum) const {
    if (word.empty()) word = "empty";
    if (word == "automobile") word = "car";
    std::seed_seq seed(word.begin(), word.end());
    std::mt19937 random(seed);
    const auto vector = random_vector(random, sum.size());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += vector[i];
  }

  const EmbedderIdentity identity_;
  mutable std::mutex mutex_;
  mutable std::condition_variable opened_;
  bool is_closed_ = false;
};

inline StoreOptions embedding_with(std::vector<std::shared_ptr<const Embedder>> embedders,
                                   EmbedWrites embed = EmbedWrites::kBackground) {
  StoreOptions options;
  options.embedders = std::move(embedders);
  options.embed = embed;
  return options;
}

/// The stored vector of a memory's only embedding.
inline std::vector<float> vector_of(const Tenant& tenant, Uuid id) {
  const Memory memory = value_of(tenant.get(id, true));
  return memory.embeddings.size() == 1 ? memory.embeddings[0].vector : std::vector<float>();
}

inline SearchRequest by_meaning(std::string text, std::uint32_t k = 10) {
  SearchRequest request = text_search(std::move(text), k);
  request.mode = SearchMode::kVector;
  return request;
}

}  // namespace tulving::testing
