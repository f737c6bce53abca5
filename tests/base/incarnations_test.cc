// What is promised: contains() says of any two histories, however they parted, whether a position
// of the one lies in the other. Held against a model that keeps every write by a number of its own
// and compares what lies before.

#include "core/base/incarnations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace tulving {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A store as its log has it: each write, and the store's row as it was after each.
struct Log {
  std::vector<int> writes;
  std::vector<Incarnations> rows{Incarnations()};  // rows[n]: after n writes.

  [[nodiscard]] std::uint64_t revision() const { return writes.size(); }
  [[nodiscard]] Position position() const { return {revision(), rows.back().newest()}; }
  void cut(std::size_t kept) {
    writes.resize(kept);
    rows.resize(kept + 1);
  }
};

// A directory that is opened, written to, cut by a power loss, copied and put back.
struct Directory {
  Log log;
  bool has_begun = false;  // Since it was opened.

  void write(int number) {
    Incarnations row = log.rows.back();
    if (!has_begun) row.begin(Uuid::random(), log.revision());
    has_begun = true;
    log.writes.push_back(number);
    log.rows.push_back(std::move(row));
  }
};

struct Kept {
  Position position;
  std::vector<int> before;
};

class Histories {
 public:
  explicit Histories(std::uint32_t seed) : random_(seed) {
    directories_.resize(1);
    directories_[0].write(++number_);  // One root: what is of no incarnation is of every history.
  }

  void step() {
    Directory& one = directories_[below(directories_.size())];
    switch (below(9)) {
      case 0:
        one.has_begun = false;  // Closed and opened.
        break;
      case 1:  // The power goes, with the end of the log.
        one.log.cut(1 + below(one.log.writes.size()));
        one.has_begun = false;
        break;
      case 2: {  // A copy of the directory, or a store restored from a snapshot of then.
        Directory copy = one;
        copy.log.cut(1 + below(copy.log.writes.size()));
        copy.has_begun = false;
        if (directories_.size() < 6) directories_.push_back(std::move(copy));
        break;
      }
      case 3: {  // Another's copy is put in its place.
        const Log other = directories_[below(directories_.size())].log;
        one = {other, false};
        break;
      }
      case 4:  // Somebody takes note of where it is.
        kept_.push_back({one.log.position(), one.log.writes});
        break;
      default:
        one.write(++number_);
    }
  }

  void check() const {
    for (const Directory& one : directories_) {
      const auto& writes = one.log.writes;
      for (const Kept& kept : kept_) {
        const bool is_before = kept.before.size() <= writes.size() &&
                               std::equal(kept.before.begin(), kept.before.end(), writes.begin());
        ASSERT_EQ(one.log.rows.back().contains(kept.position, one.log.revision()), is_before)
            << kept.position.to_string() << " in a history of " << writes.size();
        told_apart_ += is_before ? 0 : 1;
      }
      ASSERT_THAT(Incarnations::find_fault(one.log.rows.back().all(), one.log.revision()),
                  IsEmpty());
    }
  }
  [[nodiscard]] int told_apart() const { return told_apart_; }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::mt19937 random_;
  std::vector<Directory> directories_;
  std::vector<Kept> kept_;
  int number_ = 0;
  mutable int told_apart_ = 0;
};

TEST(Incarnations, TellAPositionOfTheirHistoryFromAnyOther) {
  int told_apart = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Histories histories(seed);
    for (int i = 0; i < 120; ++i) histories.step();
    histories.check();
    if (::testing::Test::HasFatalFailure()) return;
    told_apart += histories.told_apart();
  }
  EXPECT_GT(told_apart, 1000);
}

TEST(Incarnations, KnowAPositionOfNoIncarnationWhereThereIsNone) {
  Incarnations incarnations;
  EXPECT_TRUE(incarnations.contains(7, 7));
  EXPECT_FALSE(incarnations.contains(8, 7));
  incarnations.begin(Uuid::random(), 7);
  EXPECT_FALSE(incarnations.contains(7, 9));
}

TEST(Incarnations, ForgetTheOldestOfTooMany) {
  Incarnations incarnations;
  std::vector<Uuid> ids;
  for (std::uint64_t began = 0; began < Incarnations::kMost; ++began) {
    ids.push_back(Uuid::random());
    incarnations.begin(ids.back(), began);
  }
  EXPECT_TRUE(incarnations.contains({1, ids.front()}, 5000));
  ids.push_back(Uuid::random());
  incarnations.begin(ids.back(), Incarnations::kMost);

  EXPECT_EQ(incarnations.all().size(), Incarnations::kMost);
  EXPECT_FALSE(incarnations.contains({1, ids.front()}, 5000));
  EXPECT_TRUE(incarnations.contains({2, ids[1]}, 5000));
  EXPECT_EQ(incarnations.newest(), ids.back());
}

TEST(Incarnations, NameWhatCanBeNoStores) {
  const Uuid a = Uuid::random(), b = Uuid::random();
  using Row = std::vector<Incarnation>;
  EXPECT_THAT(Incarnations::find_fault(Row{{a, 1}, {b, 1}}, 1), IsEmpty());
  EXPECT_THAT(Incarnations::find_fault(Row{{a, 2}, {b, 1}}, 3), HasSubstr("before the last"));
  EXPECT_THAT(Incarnations::find_fault(Row{{a, 1}, {b, 4}}, 3), HasSubstr("after it"));
  EXPECT_THAT(Incarnations::find_fault(Row{{a, 1}, {a, 2}}, 3), HasSubstr("twice"));
  EXPECT_THAT(Incarnations::find_fault(Row{{Uuid(), 1}}, 3), HasSubstr("no random UUID"));
  Row many;
  for (std::uint64_t i = 0; i <= Incarnations::kMost; ++i) many.push_back({Uuid::random(), i});
  EXPECT_THAT(Incarnations::find_fault(many, 5000), HasSubstr("at most 1024"));
}

}  // namespace
}  // namespace tulving
