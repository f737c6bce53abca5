// What is promised: what was erased stays banned, by id and by text, until it is let back in; and
// RAM and log agree on that, also when the store is opened again.

#include <iostream>
#include <optional>
#include <set>

#include "tests/engine/store/replica.h"
#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

TEST(Tombstones, AreInRamAsInTheLogAfterRandomErasures) {
  TemporaryDirectory directory;
  std::mt19937 random(3);
  auto store = std::make_optional(value_of(Store::open(directory / "store")));
  std::vector<Uuid> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(Uuid::derive("t", std::to_string(i)));
  int erased = 0;
  for (int step = 0; step < 600; ++step) {
    SCOPED_TRACE(step);
    Tenant tenant = value_of(store->tenant("acme"));
    Memory one = memory("Text " + std::to_string(random() % 4));
    if (random() % 3 > 0) one.id = ids[random() % ids.size()];
    switch (random() % 4) {
      case 0:
      case 1: {
        AddOptions options;
        options.allow_erased = random() % 2 == 0;
        options.on_duplicate = OnDuplicate::kKeep;
        if (const auto added = tenant.add(one, options); added && one.id.is_nil()) {
          ids.push_back(added->id);
        }
        break;
      }
      case 2: {
        const Record record = one;
        WriteOptions options;
        options.allow_erased = random() % 2 == 0;
        static_cast<void>(tenant.write(std::span(&record, 1), options).has_value());
        break;
      }
      default:
        erased += tenant.erase(ids[random() % ids.size()]) ? 1 : 0;
    }
    if (step % 20 != 0) continue;
    ASSERT_THAT(value_of(store->verify()).problems, IsEmpty());
    const auto banned = [&] {  // What each text and id says to an import.
      std::string answers;
      Tenant now = value_of(store->tenant("acme"));
      for (int text = 0; text < 4; ++text) {
        const Record record = memory("Text " + std::to_string(text));
        WriteOptions check;
        check.dry_run = true;
        answers += now.write(std::span(&record, 1), check) ? '+' : '-';
      }
      for (const Uuid& id : ids) answers += now.was_erased(id) ? '-' : '+';
      return answers;
    };
    const std::string before = banned();
    store.reset();
    store = value_of(Store::open(directory / "store"));
    ASSERT_EQ(banned(), before);
    ASSERT_THAT(value_of(store->verify()).problems, IsEmpty());
  }
  std::cout << erased << " of 600 steps erased\n";
}

/// Memories whose names derive the ids under which sessions and tasks lie.
class SharedIds : public ::testing::Test {
 protected:
  static std::string session_id(std::size_t i) { return "s" + std::to_string(i); }
  static std::string task_id(std::size_t i) { return "t" + std::to_string(i); }
  static std::string name_of(std::size_t i) {
    return i < kCount ? "session/" + session_id(i) : "task/" + task_id(i - kCount);
  }
  static Memory named(std::size_t i) {
    Memory one = memory("The secret of " + std::to_string(i));
    one.external_id = name_of(i);
    return one;
  }
  void open() {
    store_.emplace(value_of(Store::open(directory_ / "store")));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  std::size_t below(std::size_t limit) { return random_() % limit; }

  void step() {
    const std::size_t i = below(2 * kCount);
    const std::size_t other = below(kCount);
    switch (below(6)) {
      case 0: {
        AddOptions options;
        options.allow_erased = true;
        if (tenant_->add(named(i), options)) erased_.erase(i);
        return;
      }
      case 1:
        if (tenant_->erase(Uuid::derive("acme", name_of(i)))) erased_.insert(i);
        return;
      case 2: {
        Session session;
        session.session_id = session_id(other);
        return static_cast<void>(value_of(tenant_->put(session)));
      }
      case 3:
        return static_cast<void>(tenant_->erase<Session>(session_id(other)).has_value());
      case 4: {
        ConsolidationTask task;
        task.task_id = task_id(other);
        task.title = "Look";
        task.action = "look";
        task.memory_ids = {anchor_};
        return static_cast<void>(value_of(tenant_->put(task)));
      }
      default:
        return static_cast<void>(tenant_->erase<ConsolidationTask>(task_id(other)).has_value());
    }
  }

  void expect_bans() {
    for (std::size_t i = 0; i < 2 * kCount; ++i) {
      const Record record = named(i);
      WriteOptions check;
      check.dry_run = true;
      EXPECT_EQ(tenant_->write(std::span(&record, 1), check).has_value(), !erased_.contains(i))
          << name_of(i);
    }
  }

  static constexpr std::size_t kCount = 4;
  const std::uint32_t seed_ = std::random_device{}();
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  Uuid anchor_;
  std::set<std::size_t> erased_;
};

// The tombstone of a kind is not that of another, whatever comes and goes under the same id: what
// was erased stays away, here and in a replica that sees changes alone.
TEST_F(SharedIds, AreErasedEachForItsKindAlone) {
  open();
  anchor_ = value_of(tenant_->add(memory("What tasks are about", {1, 0}))).id;
  IncrementalSnapshots snapshots(directory_ / "store", directory_ / "snapshots");
  std::size_t erasures = 0;
  for (int i = 0; i < 400; ++i) {
    SCOPED_TRACE(i);
    const std::size_t before = erased_.size();
    step();
    erasures += erased_.size() > before ? 1 : 0;
    if (below(10) == 0) {
      ASSERT_NO_FATAL_FAILURE(snapshots.check(*store_));
    }
    if (below(20) != 0) continue;
    expect_bans();
    tenant_.reset();
    store_.reset();
    open();
    expect_bans();
    ASSERT_THAT(value_of(store_->verify()).problems, IsEmpty());
    if (HasFailure()) return;
  }
  EXPECT_GT(erasures, 10U);
}

}  // namespace
}  // namespace tulving
