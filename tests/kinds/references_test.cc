// What a declaration says of other records, with kinds made up for it, since those that exist do
// not yet use all of it: what is named must be there, what goes takes others with it or empties
// their fields, values that are unique, lengths in characters; and the mistakes that a declaration
// can have are seen.

#include "core/engine/write/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "core/engine/state/record_table.h"
#include "core/model/rules/field_rules.h"

namespace tulving {

struct Garden {
  std::string name;
  std::string label;
  std::uint64_t revision = 0;
  friend bool operator==(const Garden&, const Garden&) = default;
};

struct Step {
  Uuid id;
  std::string project;
  Uuid before;               // Another step.
  std::vector<Uuid> others;  // Steps.
  std::string agent;
  std::string state;
  std::uint64_t revision = 0;
  friend bool operator==(const Step&, const Step&) = default;
};

struct Gap {
  Uuid id;
  std::uint64_t revision = 0;
};
struct Twice {
  Uuid id;
  std::uint64_t revision = 0;
};

namespace kinds {

template <>
struct Kind<Garden> {
  static constexpr std::string_view name = "project", noun = "project", plural = "projects";
  static constexpr RecordKind number{200};
  static constexpr ByName<&Garden::name> key{"project"};
  static constexpr std::tuple fields{
      field<1, &Garden::name>("name", "A field", kinds::name(8)),
      field<2, &Garden::label>("label", "A field", text(3)),
      stored<0, &Garden::revision>("revision", "A field"),
  };
  static constexpr std::tuple<> references{}, unique{};
};

template <>
struct Kind<Step> {
  static constexpr std::string_view name = "step", noun = "step", plural = "steps";
  static constexpr RecordKind number{201};
  static constexpr ById<&Step::id> key{};
  static constexpr std::tuple fields{
      own_id<1, &Step::id>("id", "A field"),
      field<2, &Step::project>("project", "A field", text(8)),
      field<3, &Step::before>("before", "A field"),
      field<4, &Step::others>("others", "A field"),
      field<5, &Step::agent>("agent", "A field", text(8)),
      field<6, &Step::state>("state", "A field", text(8)),
      stored<0, &Step::revision>("revision", "A field"),
  };
  static constexpr std::tuple references{
      reference<&Step::project, Garden>(MustExist::kYes, WhenGone::kErase),
      reference<&Step::before, Step>(MustExist::kYes, WhenGone::kClear),
      reference<&Step::others, Step>(MustExist::kNo, WhenGone::kClear),
  };
  static constexpr std::tuple unique{Unique<&Step::agent, &Step::state>{}};
};

template <>
struct Kind<Gap> {
  static constexpr std::tuple fields{field<2, &Gap::id>("id", "A field"),
                                     field<0, &Gap::revision>("revision", "A field")};
};
template <>
struct Kind<Twice> {
  static constexpr std::tuple fields{field<0, &Twice::id>("id", "A field"),
                                     field<0, &Twice::revision>("id", "A field")};
};

// A mistake in a declaration does not compile: Sound says so in words.
static_assert(internal::slots_are_whole<Step>() && internal::names_differ<Step>());
static_assert(!internal::slots_are_whole<Gap>());
static_assert(!internal::slots_are_whole<Twice>() && !internal::names_differ<Twice>());

}  // namespace kinds

namespace engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Made = kinds::KindList<Garden, Step>;

// The least that stages writes: tables that change at once.
class Tables {
 public:
  template <class Record>
  [[nodiscard]] bool has(kinds::KeyView<Record> key) const {
    return tables_.of<Record>().find(key) != nullptr;
  }
  template <class Record>
  [[nodiscard]] Error no_such(kinds::KeyView<Record>) const {
    return {ErrorCode::kNotFound, "no such " + std::string(kinds::Kind<Record>::noun)};
  }
  template <class Record, auto kMember>
  [[nodiscard]] std::vector<kinds::Key<Record>> naming(const auto& key, kinds::Among) const {
    std::vector<kinds::Key<Record>> found;
    for (const auto& [own, record] : tables_.of<Record>()) {
      const auto& keys = internal::keys_in(record.*kMember);
      if (std::ranges::find(keys, key) != keys.end()) found.push_back(own);
    }
    return found;
  }
  template <class Record>
  [[nodiscard]] std::optional<kinds::Key<Record>> holder(std::size_t place,
                                                         const std::string& value) const {
    const auto* found = tables_.of<Record>().holder(place, value);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  template <class Record>
  Status erase_whole(kinds::KeyView<Record> key) {
    const kinds::Key<Record> own(key);
    auto status = follow_erase<Record>(*this, own, Made());
    tables_.of<Record>().erase(own);
    return status;
  }
  template <class Record, auto kMember>
  Status clear(kinds::KeyView<Record> key, const auto& gone) {
    Record record = *tables_.of<Record>().find(key);
    if constexpr (requires { (record.*kMember).push_back(gone); }) {
      std::erase(record.*kMember, gone);
    } else {
      record.*kMember = {};
    }
    tables_.of<Record>().put(record);
    return {};
  }
  template <class Record>
  Status put(const Record& record) {
    if (auto status = check_named(*this, record); !status) return status;
    if (auto status = check_unique(*this, record); !status) return status;
    tables_.of<Record>().put(record);
    return {};
  }
  template <class Record>
  [[nodiscard]] const Record* find(kinds::KeyView<Record> key) const {
    return tables_.of<Record>().find(key);
  }

 private:
  RecordTables<Made> tables_;
};

Uuid id(int i) { return Uuid::derive("references", std::to_string(i)); }

class References : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(tables_.put(Garden{"garden", {}})); }
  static Step step(int i) {
    Step step;
    step.id = id(i);
    step.project = "garden";
    return step;
  }
  Tables tables_;
};

TEST_F(References, MustBeThereWhereTheDeclarationSaysSo) {
  Step one = step(1);
  one.project = "none";
  const Status refused = tables_.put(one);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(refused.error().field, "project");
  one.project = "garden";
  one.before = id(9);
  EXPECT_EQ(tables_.put(one).error().field, "before");
  one.before = {};
  one.others = {id(9)};  // May name what is not there.
  EXPECT_TRUE(tables_.put(one));
}

TEST_F(References, GoWithWhatTheyName) {
  ASSERT_TRUE(tables_.put(Garden{"house", {}}));
  ASSERT_TRUE(tables_.put(step(1)));
  Step other = step(2);
  other.project = "house";
  ASSERT_TRUE(tables_.put(other));

  ASSERT_TRUE(tables_.erase_whole<Garden>("garden"));

  EXPECT_FALSE(tables_.has<Garden>("garden"));
  EXPECT_FALSE(tables_.has<Step>(id(1)));
  EXPECT_TRUE(tables_.has<Step>(id(2)));
}

TEST_F(References, AreClearedWhereTheRecordStays) {
  ASSERT_TRUE(tables_.put(step(1)));
  Step next = step(2);
  next.before = id(1);
  next.others = {id(1), id(3)};
  ASSERT_TRUE(tables_.put(next));

  ASSERT_TRUE(tables_.erase_whole<Step>(id(1)));

  const Step* left = tables_.find<Step>(id(2));
  ASSERT_NE(left, nullptr);
  EXPECT_TRUE(left->before.is_nil());
  EXPECT_THAT(left->others, ElementsAre(id(3)));
}

TEST_F(References, OfACascadeAreFollowedInTurn) {
  ASSERT_TRUE(tables_.put(Garden{"house", {}}));
  ASSERT_TRUE(tables_.put(step(1)));
  Step next = step(2);
  next.project = "house";
  next.before = id(1);
  ASSERT_TRUE(tables_.put(next));

  ASSERT_TRUE(tables_.erase_whole<Garden>("garden"));

  EXPECT_TRUE(tables_.find<Step>(id(2))->before.is_nil());
}

TEST_F(References, ValuesAreUniqueTogetherAndEmptyOnesEqualNone) {
  Step one = step(1);
  one.agent = "tim";
  one.state = "s";
  ASSERT_TRUE(tables_.put(one));
  EXPECT_TRUE(tables_.put(one)) << "it is no other than itself";
  Step other = one;
  other.id = id(2);
  const Status refused = tables_.put(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(refused.error().field, "agent");
  EXPECT_THAT(refused.error().message, HasSubstr("agent and state are those of another step"));

  other.agent = "ti";
  other.state = "ms";  // The same letters, in other fields.
  EXPECT_TRUE(tables_.put(other));
  for (const int i : {3, 4}) {
    Step without = step(i);
    without.agent = "tim";  // And no state: as a NULL.
    EXPECT_TRUE(tables_.put(without));
  }
  one.state = "t";
  ASSERT_TRUE(tables_.put(one));
  Step third = step(5);
  third.agent = "tim";
  third.state = "s";
  EXPECT_TRUE(tables_.put(third)) << "the value was given up";
}

TEST(Characters, AreCountedAsVarcharCountsThem) {
  const auto why = [](const std::string& label) {
    model::Checker check(1000);
    return model::check_fields(check, Garden{"p", label}) ? std::string()
                                                          : std::move(check).take_error().message;
  };
  EXPECT_THAT(why("é語😀"), IsEmpty());
  EXPECT_THAT(why("é語😀a"), HasSubstr("label has 4 characters; at most 3 allowed"));
  EXPECT_THAT(why("\xFF"), HasSubstr("label is not UTF-8"));
}

}  // namespace
}  // namespace engine
}  // namespace tulving
