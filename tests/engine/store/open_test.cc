// Opening a directory: what was acknowledged is there again, with and without index checkpoints;
// whatever is not a sound store of ours is refused with its name and left as it was.

#include <fstream>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

std::map<std::string, std::string> files_of(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), directory)] = {std::istreambuf_iterator<char>(in), {}};
  }
  return files;
}

// A store with a few of everything, closed.
void fill(const fs::path& directory, int memories = 30) {
  Store store = value_of(Store::open(directory));
  Tenant tenant = value_of(store.tenant("acme"));
  Session session;
  session.session_id = "s1";
  value_of(tenant.put(session));
  std::mt19937 random(5);
  std::vector<Uuid> ids;
  for (int i = 0; i < memories; ++i) {
    Memory one =
        memory("memory " + std::to_string(i) + " speaks of zebras", random_vector(random, 16));
    one.session_id = "s1";
    ids.push_back(value_of(tenant.add(one)).id);
  }
  Relation relation;
  relation.source_id = ids[0];
  relation.target_id = ids[1];
  value_of(tenant.put(relation));
  ASSERT_THAT(tenant.forget(ids[2]), Succeeds());
  ASSERT_THAT(tenant.erase(ids[3]), Succeeds());
  ASSERT_THAT(store.close(), Succeeds());
}

std::string state_of(const Store& store) {
  std::string lines;
  for (const auto& id : store.tenants()) {
    const Tenant tenant = value_of(store.tenant(id));
    EXPECT_THAT(tenant.export_records(
                    [&](const Record& record) -> Status {
                      lines += to_json_line(id, record) + "\n";
                      return {};
                    },
                    true),
                Succeeds());
  }
  return lines;
}

TEST(Open, FindsEverythingThatWasWritten) {
  TemporaryDirectory directory;
  fill(directory / "db");

  Store store = value_of(Store::open(directory / "db"));

  const Tenant tenant = value_of(store.tenant("acme"));
  EXPECT_EQ(tenant.stats().memories, 29U);
  EXPECT_EQ(tenant.stats().records.at("sessions"), 1U);
  EXPECT_EQ(tenant.stats().records.at("relations"), 1U);
  EXPECT_EQ(value_of(tenant.search(text_search("zebra", 100))).hits.size(), 28U);
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
  EXPECT_EQ(store.revision(), 34U);
}

TEST(Open, RevisionsGoOnWhereTheyEnded) {
  TemporaryDirectory directory;
  fill(directory / "db");
  Store store = value_of(Store::open(directory / "db"));
  Tenant tenant = value_of(store.tenant("acme"));
  const std::uint64_t before = store.revision();

  EXPECT_EQ(value_of(tenant.add(memory("next"))).revision, before + 1);
}

TEST(Open, AnIdempotencyKeyHoldsAcrossOpenings) {
  TemporaryDirectory directory;
  AddOptions options;
  options.idempotency_key = "k";
  Uuid first;
  {
    Store store = value_of(Store::open(directory / "db"));
    first = value_of(value_of(store.tenant("acme")).add(memory("once"), options)).id;
  }
  Store store = value_of(Store::open(directory / "db"));

  Tenant tenant = value_of(store.tenant("acme"));
  EXPECT_EQ(value_of(tenant.add(memory("once"), options)).id, first);
  EXPECT_THAT(tenant.add(memory("another"), options), FailsWith(ErrorCode::kConflict));
}

// A batch is one write, but an opening would have each of its memories to read again.
TEST(Open, ABatchIsWorthACheckpointToo) {
  TemporaryDirectory directory;
  {
    Store store = value_of(Store::open(directory / "db"));
    std::vector<Memory> batch;
    for (int i = 0; i < 1200; ++i) batch.push_back(memory("note " + std::to_string(i)));
    value_of(value_of(store.tenant("acme")).add(batch));
    ASSERT_THAT(store.close(), Succeeds());
  }
  EXPECT_TRUE(fs::exists(directory / "db" / "index"));
}

TEST(Open, CheckpointsGiveTheSameStoreAsARebuild) {
  TemporaryDirectory directory;
  StoreOptions options;
  options.vectors.exact_rows_max = 500;
  std::mt19937 random(11);
  const auto query = random_vector(random, 16);
  {
    Store store = value_of(Store::open(directory / "db", options));
    Tenant tenant = value_of(store.tenant("acme"));
    for (int i = 0; i < 1500; ++i) {
      value_of(tenant.add(memory("note " + std::to_string(i), random_vector(random, 16))));
    }
    store.wait_for_indexing();
    ASSERT_THAT(store.close(), Succeeds());
  }
  ASSERT_TRUE(fs::exists(directory / "db" / "index")) << "close() wrote no checkpoint";
  // Changes after the checkpoint, then a crash: the copy has the old checkpoint and the newer log.
  {
    Store store = value_of(Store::open(directory / "db", options));
    Tenant tenant = value_of(store.tenant("acme"));
    const MemoryPage page = value_of(tenant.list());
    ASSERT_THAT(tenant.erase(page.memories[0].id()), Succeeds());
    MemoryPatch patch;
    patch.text = "a note that changed";
    patch.embedding = Embedding{"default", query};
    value_of(tenant.update(page.memories[1].id(), patch));
    MemoryPatch tags;
    tags.tags = {"kettle"};
    value_of(tenant.update(page.memories[2].id(), tags));
    const Uuid touched = page.memories[3].id();
    ASSERT_THAT(tenant.touch(std::span(&touched, 1)), Succeeds());
    value_of(tenant.add(memory("a note that is new", query)));
    copy_as_it_lies(directory / "db", directory / "crashed");
  }
  fs::copy(directory / "crashed", directory / "rebuilt", fs::copy_options::recursive);
  fs::remove_all(directory / "rebuilt" / "index");

  Store from_checkpoint = value_of(Store::open(directory / "crashed", options));
  Store rebuilt = value_of(Store::open(directory / "rebuilt", options));

  EXPECT_EQ(state_of(from_checkpoint), state_of(rebuilt));
  for (Store* store : {&from_checkpoint, &rebuilt}) {
    EXPECT_THAT(value_of(store->verify()).problems, IsEmpty());
    const Tenant tenant = value_of(store->tenant("acme"));
    SearchRequest request = vector_search(query, 2);
    request.exact = true;
    EXPECT_THAT(texts_of(value_of(tenant.search(request))),
                ::testing::UnorderedElementsAre("a note that is new", "a note that changed"));
    EXPECT_EQ(value_of(tenant.search(text_search("changed"))).hits.size(), 1U);
    EXPECT_EQ(value_of(tenant.search(text_search("kettles"))).hits.size(), 1U) << "a new tag";
  }
}

TEST(Open, ADamagedCheckpointIsRebuilt) {
  TemporaryDirectory directory;
  fill(directory / "db", 1200);
  const auto sound = state_of(value_of(Store::open(directory / "db")));
  std::vector<fs::path> checkpoints;
  for (const auto& entry : fs::recursive_directory_iterator(directory / "db" / "index")) {
    if (entry.is_regular_file()) checkpoints.push_back(entry.path());
  }
  ASSERT_FALSE(checkpoints.empty());
  for (const auto& file : checkpoints) {
    SCOPED_TRACE(file.string());
    for (const double place : {0.0, 0.3, 0.6, 0.999}) {
      std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
      const auto offset =
          static_cast<std::streamoff>(place * static_cast<double>(fs::file_size(file)));
      io.seekg(offset);
      const char byte = static_cast<char>(io.get() ^ 0x40);
      io.seekp(offset);
      io.put(byte);
      io.close();

      Store store = value_of(Store::open(directory / "db"));

      EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
      EXPECT_EQ(state_of(store), sound);
      EXPECT_EQ(
          value_of(value_of(store.tenant("acme")).search(text_search("zebra", 2000))).hits.size(),
          1198U);
    }
  }
}

TEST(Open, ASecondOpeningIsRefusedAndAReadOnlyOneIsNot) {
  TemporaryDirectory directory;
  Store first = value_of(Store::open(directory / "db"));
  value_of(value_of(first.tenant("acme")).add(memory("harbour")));

  EXPECT_THAT(Store::open(directory / "db"), FailsWith(ErrorCode::kBusy));
  StoreOptions read_only;
  read_only.read_only = true;
  Store reader = value_of(Store::open(directory / "db", read_only));
  Tenant tenant = value_of(reader.tenant("acme"));
  EXPECT_THAT(texts_of(value_of(tenant.search(text_search("harbour")))), ElementsAre("harbour"));
  EXPECT_THAT(tenant.add(memory("no")), FailsWith(ErrorCode::kInvalidArgument));
}

TEST(Open, ADirectoryThatIsNoStoreIsLeftAlone) {
  TemporaryDirectory directory;
  std::ofstream(directory / "letter.txt") << "dear diary";
  const auto before = files_of(directory.path());

  const auto result = Store::open(directory.path());

  ASSERT_THAT(result, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(result.error().message, HasSubstr(directory.path().string()));
  EXPECT_EQ(files_of(directory.path()), before);
}

TEST(Open, NothingThereIsSaidAndNothingMade) {
  TemporaryDirectory directory;
  StoreOptions options;
  options.create_if_missing = false;

  EXPECT_THAT(Store::open(directory / "db", options), FailsWith(ErrorCode::kNotFound));
  EXPECT_FALSE(fs::exists(directory / "db"));
}

TEST(Open, OptionsOutOfRangeAreRefusedByName) {
  StoreOptions options;
  options.vectors.m = 2;
  const auto result = Store::open_in_memory(options);
  ASSERT_THAT(result, FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(result.error().message, HasSubstr("vectors.m"));
}

TEST(Open, ADimensionThatContradictsTheStoreIsRefused) {
  TemporaryDirectory directory;
  fill(directory / "db");
  StoreOptions options;
  options.embedding_dim = 1536;

  EXPECT_THAT(Store::open(directory / "db", options), FailsWith(ErrorCode::kInvalidArgument));
}

TEST(Open, DurableRevisionFollowsTheSyncInterval) {
  TemporaryDirectory directory;
  Store store = value_of(Store::open(directory / "db"));
  Tenant tenant = value_of(store.tenant("acme"));
  value_of(tenant.add(memory("a")));
  ASSERT_THAT(store.make_durable(), Succeeds());
  EXPECT_EQ(store.durable_revision(), store.revision());

  StoreOptions durable;
  durable.durability = Durability::kDurable;
  Store strict = value_of(Store::open(directory / "strict", durable));
  value_of(value_of(strict.tenant("acme")).add(memory("b")));
  EXPECT_EQ(strict.durable_revision(), 1U);
}

}  // namespace
}  // namespace tulving
