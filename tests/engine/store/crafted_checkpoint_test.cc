// What is promised of a checkpoint whose checksums are right and whose contents lie: no opening, no
// search and no write crashes by it; and what verify() then calls sound answers as the log does.
// Each trial changes some fields of one section of one file, and writes it with the checksums made
// right; the log is one that is never changed. TULVING_TRIALS asks for more trials.

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/engine/store/store_files.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "tests/engine/testing.h"
#include "tests/index/vectors/vect_sections.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

constexpr std::size_t kCraftedDim = 8;
using Section = std::vector<std::byte>;

// A store whose log is in RAM, and made anew for each opening from the same rows.
class Crafted : public ::testing::Test {
 protected:
  Crafted() {
    options_.background_indexing = false;
    options_.vectors.exact_rows_max = 100;
    fs::create_directories(directory_ / "db" / "log");
  }

  // Rows of all sorts: long texts and none, tags, vectors of two models, holes where some are gone.
  void fill() {
    auto journal = storage::open_memory_journal();
    log_ = journal.get();
    const StoreFiles files(FileSystem::machine(),
                           [&](const fs::path&, const auto&) { return std::move(journal); });
    options_.background_indexing = true;
    Store store = value_of(files.open(directory_ / "db", options_));
    Tenant tenant = value_of(store.tenant("acme"));
    for (int i = 0; i < 160; ++i) {
      Memory one = memory("note " + std::to_string(i) + " of w" + std::to_string(i % 7) + "w",
                          random_vector(random_, kCraftedDim));
      if (i % 10 == 0) {
        for (int n = 0; n < 100; ++n) one.text += " word" + std::to_string((n * i) % 90);
      }
      if (i % 3 == 0) one.tags = {"t" + std::to_string(i % 5), "all"};
      if (i % 4 == 0) one.embeddings.push_back({"second", random_vector(random_, kCraftedDim)});
      if (i % 6 == 5) one.embeddings.clear();
      ids_.push_back(value_of(tenant.add(one)).id);
    }
    store.wait_for_indexing();
    for (int i = 0; i < 160; i += 20) ASSERT_THAT(tenant.erase(ids_[i]), Succeeds());
    for (int i = 0; i < 20; ++i) queries_.push_back(random_vector(random_, kCraftedDim));
    ASSERT_THAT(store.purge(), Succeeds());
    keep_log(*log_);
    ASSERT_THAT(store.close(), Succeeds());
    options_.background_indexing = false;
    fs::copy(directory_ / "db" / "index" / "0", directory_ / "honest");
  }

  void keep_log(const storage::Journal& journal) {
    const auto reader = journal.snapshot();
    for (std::size_t i = 0; i < storage::kTableCount; ++i) {
      const auto table = static_cast<storage::Table>(i);
      ASSERT_THAT(reader->scan(table, "",
                               [&](std::string_view key, std::string_view value) -> Status {
                                 rows_.put(table, std::string(key), std::string(value));
                                 return {};
                               }),
                  Succeeds());
    }
  }
  Result<Store> open() {
    auto journal = storage::open_memory_journal();
    EXPECT_THAT(journal->append(rows_), Succeeds());
    const StoreFiles files(FileSystem::machine(),
                           [&](const fs::path&, const auto&) { return std::move(journal); });
    return files.open(directory_ / "db", options_);
  }

  // What it answers where nothing is approximate.
  [[nodiscard]] std::vector<std::vector<Uuid>> answers(const Tenant& tenant) const {
    std::vector<std::vector<Uuid>> all;
    const auto ask = [&](const SearchRequest& request) {
      all.push_back(ids_of(value_of(tenant.search(request))));
    };
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      auto by_vector = vector_search(queries_[i], 10);
      by_vector.exact = true;
      by_vector.model = i % 2 == 0 ? "default" : "second";
      ask(by_vector);
    }
    for (const char* text : {"w3w", "note 17", "word6 word12", "t3", "all", "of note w1w w2w"}) {
      ask(text_search(text, 200));
      auto both = text_search(text, 20);
      both.vector = queries_[0];
      both.exact = true;
      ask(both);
    }
    return all;
  }

  struct File {
    const char* name;
    const char* kind;
    std::uint32_t version;
  };
  static constexpr File kFiles[] = {
      {"rows", "ROWS", 1}, {"text", "TEXT", 4}, {"vectors-0", "VECT", 3}, {"vectors-1", "VECT", 3}};

  std::pair<CheckpointOrigin, std::vector<Section>> read(const File& file) const {
    auto reader = value_of(
        CheckpointReader::open(directory_ / "honest" / file.name, file.kind, file.version));
    std::vector<Section> sections;
    for (std::size_t i = 0; i < reader.sections(); ++i) {
      sections.push_back(value_of(reader.read_array<std::byte>(i)));
    }
    return {reader.origin(), std::move(sections)};
  }
  void write(const File& file, const CheckpointOrigin& origin,
             const std::vector<Section>& sections) const {
    auto writer = value_of(CheckpointWriter::open(directory_ / "db" / "index" / "0" / file.name,
                                                  {file.kind, file.version, origin}));
    for (const Section& section : sections) {
      ASSERT_THAT(writer.write_array(std::span<const std::byte>(section)), Succeeds());
    }
    ASSERT_THAT(writer.finish(), Succeeds());
  }
  void be_honest() const {
    for (const File& file : kFiles) {
      fs::copy_file(directory_ / "honest" / file.name,
                    directory_ / "db" / "index" / "0" / file.name,
                    fs::copy_options::overwrite_existing);
    }
  }

  // A field of 1, 2, 4, 8 or 16 bytes becomes anything, nearly what it was, another field's value,
  // or one of those where sums run over.
  static void lie(std::mt19937& random, Section& section) {
    constexpr std::size_t kSizes[] = {1, 2, 4, 8, 16};
    const std::size_t size = kSizes[random() % std::size(kSizes)];
    if (section.size() < size) return;
    const auto any_place = [&] { return random() % (section.size() / size) * size; };
    const std::size_t at = any_place();
    std::uint64_t value = 0;
    std::memcpy(&value, section.data() + at, std::min<std::size_t>(size, 8));
    switch (random() % 7) {
      case 0:
        value = std::uint64_t{random()} << 32U | random();
        break;
      case 1:
        value += random() % 5 - 2;
        break;
      case 2:
        value = ~std::uint64_t{0} >> random() % 64;
        break;
      case 3:
        value = random() % 256;
        break;
      case 4:
        value ^= std::uint64_t{1} << random() % (8 * std::min<std::size_t>(size, 8));
        break;
      case 5:  // As floats: infinite, or no number.
        value = 0x7F80'0000'7FC0'0001U;
        break;
      default: {
        const std::size_t from = any_place();
        std::memmove(section.data() + at, section.data() + from, size);
        return;
      }
    }
    std::memcpy(section.data() + at, &value, std::min<std::size_t>(size, 8));
  }
  static void lie_about_sizes(std::mt19937& random, std::vector<Section>& sections) {
    Section& section = sections[random() % sections.size()];
    switch (random() % 4) {
      case 0:
        section.resize(random() % (section.size() + 1));
        break;
      case 1:
        section.resize(section.size() + 1 + random() % 64);
        break;
      case 2:
        std::swap(section, sections[random() % sections.size()]);
        break;
      default:
        random() % 2 == 0 ? sections.pop_back() : sections.push_back({});
    }
  }

  TemporaryDirectory directory_;
  StoreOptions options_;
  std::mt19937 random_{7};
  std::vector<Uuid> ids_;
  std::vector<std::vector<float>> queries_;
  storage::Journal* log_ = nullptr;
  storage::JournalBatch rows_;
};

// Other words under the digest of the text; another vector that is as near as rounding does not
// bring it.
TEST_F(Crafted, WordsAndVectorsAreHeldAgainstTheLog) {
  ASSERT_NO_FATAL_FAILURE(fill());
  const auto problems = [this] {
    Store store = value_of(open());
    return value_of(store.verify()).problems;
  };
  auto [origin, text] = read(kFiles[1]);
  auto& letters = text.at(12);
  const std::string word = "w3w";
  const auto at = std::search(letters.begin(), letters.end(), word.begin(), word.end(),
                              [](std::byte a, char b) { return std::to_integer<char>(a) == b; });
  ASSERT_NE(at, letters.end());
  *(at + 1) = std::byte{'x'};
  write(kFiles[1], origin, text);
  EXPECT_THAT(problems(), ::testing::Contains(::testing::HasSubstr("differs from the text index")));

  be_honest();
  EXPECT_THAT(problems(), IsEmpty());
  auto [vectors_origin, vectors] = read(kFiles[2]);
  auto& residuals = vectors.back();  // 64 a vector.
  residuals.at(residuals.size() - 64 * 3 + 2) ^= std::byte{4};
  write(kFiles[2], vectors_origin, vectors);
  EXPECT_THAT(problems(), IsEmpty());  // Its own checksum tells, and it is made anew.
  index::testing::make_row_checksums_right(vectors);
  write(kFiles[2], vectors_origin, vectors);
  EXPECT_THAT(problems(), ::testing::Contains(::testing::HasSubstr("embedding of memory")));
}

TEST_F(Crafted, AContentHashIsHeldAgainstItsText) {
  ASSERT_NO_FATAL_FAILURE(fill());
  Store store = value_of(open());
  const std::string key = storage::record_key(0, storage::RecordKind::kMemory, ids_[1]);
  ASSERT_THAT(store.close(), Succeeds());
  for (const auto& operation : std::vector(rows_.operations().begin(), rows_.operations().end())) {
    if (operation.table != storage::Table::kRecords || operation.key != key) continue;
    auto record = value_of(storage::decode<Memory>(operation.value()));
    record.content_hash.front() = record.content_hash.front() == '0' ? '1' : '0';
    rows_.put(storage::Table::kRecords, key, storage::encode(record));
  }
  Store again = value_of(open());
  EXPECT_THAT(value_of(again.verify()).problems,
              ::testing::ElementsAre(::testing::HasSubstr("content_hash")));
}

TEST_F(Crafted, ChecksumsMakeNothingTrue) {
  ASSERT_NO_FATAL_FAILURE(fill());
  std::vector<std::vector<Uuid>> honest;
  {
    Store store = value_of(open());
    Tenant tenant = value_of(store.tenant("acme"));
    EXPECT_GT(tenant.stats().vectors.at(0).in_graph, 0U);
    honest = answers(tenant);
    ASSERT_THAT(value_of(store.verify()).problems, IsEmpty());
    ASSERT_THAT(store.close(), Succeeds());
  }
  const char* asked = std::getenv("TULVING_TRIALS");
  const int trials = asked == nullptr ? 300 : std::atoi(asked);
  const char* first = std::getenv("TULVING_SEED");
  const std::uint32_t seed =
      first == nullptr ? std::random_device{}() : static_cast<std::uint32_t>(std::atoll(first));
  int told = 0, sound = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const std::uint32_t own = seed + static_cast<std::uint32_t>(trial);
    SCOPED_TRACE("TULVING_SEED=" + std::to_string(own));
    ::testing::Test::RecordProperty("seed", std::to_string(own));
    std::mt19937 random(own);
    be_honest();
    const File& file = kFiles[random() % std::size(kFiles)];
    auto [origin, sections] = read(file);
    if (random() % 8 == 0) lie_about_sizes(random, sections);
    for (auto lies = 1 + random() % 3; lies > 0 && !sections.empty(); --lies) {
      lie(random, sections[random() % sections.size()]);
    }
    // Half of the trials as damage of single rows, where there are any.
    if (random() % 2 == 0) index::testing::make_row_checksums_right(sections);
    ASSERT_NO_FATAL_FAILURE(write(file, origin, sections));

    auto store = open();
    ASSERT_THAT(store, Succeeds());  // It only saves work.
    Tenant tenant = value_of(store->tenant("acme"));
    const auto found = answers(tenant);
    for (const auto& query : queries_) value_of(tenant.search(vector_search(query, 10)));
    if (value_of(store->verify()).problems.empty()) {
      ++sound;
      ASSERT_EQ(found, honest) << file.name;
    } else {
      ++told;
    }
    // It is written to as any store is.
    value_of(tenant.add(memory("one more w3w", random_vector(random, kCraftedDim))));
    MemoryPatch patch;
    patch.text = "changed w4w";
    const Uuid id = ids_[1 + random() % 19];
    ASSERT_THAT(tenant.update(id, patch), Succeeds());
    ASSERT_THAT(tenant.erase(ids_[21 + random() % 19]), Succeeds());
    value_of(tenant.search(text_search("w3w w4w", 200)));
    ASSERT_THAT(store->close(), Succeeds());
    if (HasFailure()) return;
  }
  std::printf("%d trials: %d sound with the log's answers, %d told by verify()\n", trials, sound,
              told);
  EXPECT_GT(sound, 0);
}

}  // namespace
}  // namespace tulving
