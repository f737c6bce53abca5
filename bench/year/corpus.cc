#include "bench/year/corpus.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tulving::bench {

// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014), splitmix64. It can
// begin anywhere, which the standard library's generators are too large for.
class Corpus::Random {
 public:
  explicit Random(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E37'79B9'7F4A'7C15;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }
  /// 0 to below 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// About normal: the sum of four uniform parts of one draw, which is a tenth of the time of an
  /// exact one. Never beyond 3.5.
  float normal() {
    const std::uint64_t bits = next();
    const auto sum = static_cast<float>((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) +
                                        ((bits >> 32) & 0xFFFF) + (bits >> 48));
    return (sum - 131'070.0F) / 37'837.2F;
  }
  /// 0 to below n, i with a share like 1 / (i + 1).
  std::uint64_t zipf(std::uint64_t n) {
    const double drawn = std::pow(static_cast<double>(n + 1), uniform());
    return std::min(n - 1, static_cast<std::uint64_t>(std::max(0.0, drawn - 1)));
  }
  /// 0 to below n, i with a share like (i + shift) ^ -1.5: few are common, and new ones come ever
  /// more slowly.
  std::uint64_t steep(std::uint64_t n, double shift) {
    const double first = 1 / std::sqrt(shift);
    const double last = 1 / std::sqrt(static_cast<double>(n) + shift);
    const double root = first - uniform() * (first - last);
    const double drawn = 1 / (root * root) - shift;
    return std::min(n - 1, static_cast<std::uint64_t>(std::max(0.0, drawn)));
  }

 private:
  std::uint64_t state_;
};

namespace {

constexpr std::size_t kLatent = 128;
constexpr float kSpread = 0.6F;  // Of a cluster, where the centres' is 1.
constexpr float kNoise = 0.5F;   // A component's, where the latent part's is about 13.

// By these half a million words have some 50,000 different ones, and the texts of a year a million:
// about as many as English has by Heaps' law, with its names.
constexpr std::uint64_t kVocabulary = 1'000'000;
constexpr double kShift = 150;             // The commonest word is 0.3 % of all.
constexpr std::uint64_t kTopicWords = 64;  // A topic's own, some of them much used.
constexpr double kTopicShift = 10'000;
constexpr std::uint64_t kWordsOfAll = 1'000;  // Topics' own words are rarer than these.

// What a number is drawn for. Part of the corpus: renumbered, it is another.
enum Purpose : std::uint64_t {
  kBasis = 1,
  kCentre = 2,
  kTopic = 3,
  kWords = 4,
  kTopicWord = 5,
  kVector = 6,
  kId = 7,
  kQuery = 8,
  kReference = 9,
};

std::string word(std::uint64_t rank) {
  static constexpr const char* kSyllables[] = {"ra",  "ton", "mi",  "sel", "po", "ker",
                                               "an",  "di",  "lo",  "ves", "tu", "nar",
                                               "ges", "im",  "ola", "fer"};
  std::string made;
  for (std::uint64_t rest = rank + 16; rest > 0; rest /= 16) made += kSyllables[rest % 16];
  return made;
}

std::string word_of_all(auto& random) { return word(random.steep(kVocabulary, kShift)); }

void to_unit_length(std::vector<float>& vector) {
  float squares = 0.0F;
  for (const float x : vector) squares += x * x;
  const float factor = 1.0F / std::sqrt(squares);
  for (float& x : vector) x *= factor;
}

// The number within its tenant.
std::uint64_t place(std::uint64_t number) { return number & 0xFFFF'FFFF; }

// 10,000 memories a day, from the first day of 2025.
Timestamp made_at(std::uint64_t number) {
  return Timestamp(std::chrono::seconds(1'735'689'600) +
                   std::chrono::microseconds(place(number) * 8'640'000));
}

}  // namespace

Corpus::Corpus(const CorpusShape& shape) : shape_(shape), basis_(kLatent * shape.dim) {
  Random drawn = random(kBasis, 0);
  for (float& x : basis_) x = drawn.normal();
}

Corpus::Random Corpus::random(std::uint64_t purpose, std::uint64_t number) const {
  Random by_seed(shape_.seed * 16 + purpose);
  Random by_number(by_seed.next() ^ number);
  return Random(by_number.next());
}

bool Corpus::has_vector(std::uint64_t number) const {
  const auto below = [this](std::uint64_t n) {
    return std::floor(static_cast<double>(n) * shape_.vectors_share);
  };
  return below(place(number) + 1) > below(place(number));
}

// The last of ten, which of the usual shares has a vector.
bool Corpus::has_reference(std::uint64_t number) const { return place(number) % 10 == 9; }

Uuid Corpus::id(std::uint64_t number) const {
  Random drawn = random(kId, number);
  const std::uint64_t halves[] = {drawn.next(), drawn.next()};
  Uuid id;
  std::memcpy(id.bytes.data(), halves, sizeof halves);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

std::string Corpus::reference(std::uint64_t number) const {
  std::string made = "q";  // No syllable has one, so it is no word of the vocabulary.
  for (std::uint64_t rest = random(kReference, number).next(); rest > 0; rest /= 26) {
    made += static_cast<char>('a' + rest % 26);
  }
  return made;
}

std::uint64_t Corpus::topic(std::uint64_t number) const {
  return random(kTopic, number).zipf(shape_.topics);
}

std::string Corpus::topic_word(std::uint64_t topic, Random& drawn) const {
  const std::uint64_t which = drawn.zipf(kTopicWords);
  Random own = random(kTopicWord, topic * kTopicWords + which);
  return word(kWordsOfAll + own.steep(kVocabulary - kWordsOfAll, kTopicShift));
}

std::string Corpus::text(std::uint64_t number) const {
  const std::uint64_t about = topic(number);
  Random drawn = random(kWords, number);
  std::string text = topic_word(about, drawn);
  if (has_reference(number)) text.append(" ").append(reference(number));
  while (text.size() + 4 < shape_.text_bytes) {
    const std::uint64_t choice = drawn.next() % 60;
    text += choice % 12 == 0 ? ". " : " ";
    text += choice % 5 == 0 ? topic_word(about, drawn) : word_of_all(drawn);
  }
  return text;
}

std::vector<float> Corpus::vector(std::uint64_t topic, Random drawn) const {
  Random centre = random(kCentre, topic);
  std::vector<float> vector(shape_.dim, 0.0F);
  for (std::size_t i = 0; i < kLatent; ++i) {
    const float factor = centre.normal() + kSpread * drawn.normal();
    const float* axis = basis_.data() + i * shape_.dim;
    for (std::size_t j = 0; j < vector.size(); ++j) vector[j] += factor * axis[j];
  }
  for (float& x : vector) x += kNoise * drawn.normal();
  to_unit_length(vector);
  return vector;
}

Memory Corpus::memory(std::uint64_t number) const {
  Memory memory;
  memory.id = id(number);
  memory.text = text(number);
  memory.agent_id = "agent";
  memory.user_id = fmt::format("user{}", number % 10);
  memory.priority = 1 + static_cast<int>(number % 10);
  memory.tags = {fmt::format("tag{}", topic(number) % 100)};
  memory.created_at = made_at(number);
  if (has_vector(number)) {
    memory.embeddings.push_back({.vector = vector(topic(number), random(kVector, number))});
  }
  return memory;
}

CorpusQuery Corpus::query(std::uint64_t number, std::uint64_t salt) const {
  const std::uint64_t about = topic(number);
  Random drawn = random(kQuery, salt);
  CorpusQuery query;
  query.text = topic_word(about, drawn);
  for (const bool is_of_topic : {false, true, false}) {
    query.text.append(" ").append(is_of_topic ? topic_word(about, drawn) : word_of_all(drawn));
  }
  query.vector = vector(about, Random(drawn.next()));
  return query;
}

}  // namespace tulving::bench
