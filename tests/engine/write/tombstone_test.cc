// What is promised: what was erased stays banned, by id and by text, until it is let back in; and
// RAM and log agree on that, also when the store is opened again.

#include <iostream>
#include <optional>

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

}  // namespace
}  // namespace tulving
