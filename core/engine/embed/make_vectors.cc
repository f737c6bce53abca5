#include "core/engine/embed/make_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>
#include <optional>

#include "core/base/check.h"
#include "core/engine/embed/passages.h"

namespace tulving::engine {
namespace {

Error in_embedder(const Embedder& embedder, Error error) {
  error.message = fmt::format("embedder \"{}\": {}", embedder.identity().model, error.message);
  return error;
}

// What a caller's own code throws must not end the thread that called it.
template <class Call>
Result<std::vector<float>> guarded(const Embedder& embedder, const Call& call) {
  try {
    Result<std::vector<float>> floats = call();
    if (!floats) return in_embedder(embedder, floats.error());
    return floats;
  } catch (const std::exception& thrown) {
    return in_embedder(embedder, {ErrorCode::kIo, fmt::format("it threw: {}", thrown.what())});
  } catch (...) {
    return in_embedder(embedder, {ErrorCode::kIo, "it threw what is no std::exception"});
  }
}

bool is_vector(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return std::isfinite(value); }) &&
         std::ranges::any_of(row, [](float value) { return value != 0; });
}

MadeVector checked(const Embedder& embedder, std::span<const float> row) {
  if (is_vector(row)) return std::vector<float>(row.begin(), row.end());
  return in_embedder(embedder, {ErrorCode::kInvalidArgument,
                                "of this text it makes a vector that is zero or not finite"});
}

Error wrong_count(const Embedder& embedder, std::size_t floats, std::size_t texts) {
  return in_embedder(embedder,
                     {ErrorCode::kIo, fmt::format("it answered {} floats for {} texts of {} each",
                                                  floats, texts, embedder.identity().dim)});
}

/// Texts of one call, whose vectors come into `made` at their places.
class Batch {
 public:
  Batch(const Embedder& embedder, std::span<const std::string_view> texts,
        std::vector<std::optional<MadeVector>>& made)
      : embedder_(embedder), texts_(texts), made_(made) {}

  Status make(std::vector<std::size_t> places) {
    while (!places.empty()) {
      const auto floats = embed(places);
      if (floats) return take(*floats, places);
      if (floats.error().code != ErrorCode::kInvalidArgument) return floats.error();
      const auto refused = floats.error().position;
      if (places.size() > 1 && !refused) return make_each(places);
      const std::size_t at = places.size() == 1 ? 0 : *refused;
      if (at >= places.size()) return floats.error();  // Of a text that there is not.
      made_[places[at]] = floats.error();
      places.erase(places.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return {};
  }

 private:
  Result<std::vector<float>> embed(std::span<const std::size_t> places) const {
    std::vector<std::string_view> texts;
    texts.reserve(places.size());
    for (const std::size_t place : places) texts.push_back(texts_[place]);
    return guarded(embedder_, [&] { return embedder_.embed_documents(texts); });
  }

  // It says that a text is at fault and not which.
  Status make_each(std::span<const std::size_t> places) {
    for (const std::size_t place : places) {
      if (auto status = make({place}); !status) return status;
    }
    return {};
  }

  Status take(std::span<const float> floats, std::span<const std::size_t> places) {
    const std::size_t dim = embedder_.identity().dim;
    if (floats.size() != places.size() * dim) {
      return wrong_count(embedder_, floats.size(), places.size());
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      made_[places[i]] = checked(embedder_, floats.subspan(i * dim, dim));
    }
    return {};
  }

  const Embedder& embedder_;
  std::span<const std::string_view> texts_;
  std::vector<std::optional<MadeVector>>& made_;
};

}  // namespace

Result<std::vector<MadeVector>> make_vectors(const Embedder& embedder,
                                             std::span<const std::string_view> texts) {
  std::vector<std::optional<MadeVector>> made(texts.size());
  Batch batch(embedder, texts, made);
  const std::size_t limit = std::max<std::size_t>(1, embedder.batch_limit());
  for (std::size_t from = 0; from < texts.size(); from += limit) {
    std::vector<std::size_t> places(std::min(limit, texts.size() - from));
    std::iota(places.begin(), places.end(), from);
    if (auto status = batch.make(std::move(places)); !status) return status.error();
  }
  std::vector<MadeVector> vectors;
  vectors.reserve(made.size());
  for (auto& vector : made) {
    TULVING_DCHECK(vector.has_value());  // Made, or refused.
    vectors.push_back(*std::move(vector));
  }
  return vectors;
}

namespace {

// What the embedder says of the lengths, as guarded() has what it says of the texts.
Result<std::vector<std::string_view>> guarded_passages(const Embedder& embedder,
                                                       std::string_view text) {
  try {
    auto passages = passages_of(embedder, text);
    if (!passages) return in_embedder(embedder, passages.error());
    return passages;
  } catch (const std::exception& thrown) {
    return in_embedder(embedder, {ErrorCode::kIo, fmt::format("it threw: {}", thrown.what())});
  }
}

// The vectors of some passages as one.
MadeVectors joined(std::span<MadeVector> made) {
  PassageVectors all;
  for (MadeVector& one : made) {
    if (!one) return one.error();
    all.vectors.insert(all.vectors.end(), one->begin(), one->end());
    ++all.passages;
  }
  return all;
}

}  // namespace

Result<std::vector<MadeVectors>> make_vectors_of_texts(const Embedder& embedder,
                                                       std::span<const std::string> texts) {
  std::vector<std::string_view> passages;
  std::vector<std::size_t> counts;  // 0: the text is refused, and why is in `refusals`.
  std::vector<Error> refusals;
  for (const std::string& text : texts) {
    auto of_text = guarded_passages(embedder, text);
    if (!of_text && of_text.error().code != ErrorCode::kInvalidArgument) return of_text.error();
    counts.push_back(of_text ? of_text->size() : 0);
    if (of_text) passages.insert(passages.end(), of_text->begin(), of_text->end());
    if (!of_text) refusals.push_back(of_text.error());
  }
  auto made = make_vectors(embedder, passages);
  if (!made) return made.error();
  std::vector<MadeVectors> all;
  std::size_t from = 0, refused = 0;
  for (const std::size_t count : counts) {
    if (count == 0) {
      all.emplace_back(refusals[refused++]);
    } else {
      all.push_back(joined(std::span(*made).subspan(from, count)));
    }
    from += count;
  }
  return all;
}

Result<std::vector<float>> make_query_vector(const Embedder& embedder, std::string_view text) {
  auto floats = guarded(embedder, [&] { return embedder.embed_query(text); });
  if (!floats) return floats.error();
  if (floats->size() != embedder.identity().dim) return wrong_count(embedder, floats->size(), 1);
  return checked(embedder, *floats);
}

}  // namespace tulving::engine
