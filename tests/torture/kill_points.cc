#include "tests/torture/kill_points.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <new>

#include "core/base/check.h"
#include "core/base/fault_points.h"

namespace tulving::torture {
namespace {

KillPoints* installed = nullptr;  // Of the process that passes them.

}  // namespace

KillPoints* KillPoints::make() {
  void* const memory = ::mmap(nullptr, sizeof(KillPoints), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  TULVING_CHECK(memory != MAP_FAILED);
  return new (memory) KillPoints();
}

void KillPoints::arm(int point, std::uint64_t nth) {
  installed = this;
  target_ = point;
  nth_ = nth;
  at_kill_point.store(&KillPoints::visit);
}

void KillPoints::settle() {
  for (int i = 0; i < count(); ++i) {
    Point& point = points_[i];
    point.most = std::max(point.most.load(), point.hits.load());
    point.hits = 0;
  }
  is_adding_ = false;  // Its holder may be dead.
}

int KillPoints::find(const char* name) {
  for (int i = 0; i < count_.load(); ++i) {
    if (std::strcmp(points_[i].name, name) == 0) return i;
  }
  return -1;
}

void KillPoints::visit(const char* name) {
  KillPoints& self = *installed;
  int i = self.find(name);
  if (i < 0) {
    while (self.is_adding_.exchange(true)) ::usleep(10);
    i = self.find(name);
    if (i < 0) {
      i = self.count_.load();
      TULVING_CHECK(i < kPointsMax && std::strlen(name) < sizeof(Point::name));
      std::strncpy(self.points_[i].name, name, sizeof(Point::name) - 1);
      self.count_.store(i + 1);
    }
    self.is_adding_ = false;
  }
  Point& point = self.points_[i];
  if (++point.hits == self.nth_ && i == self.target_) {
    ++point.kills;
    ::kill(::getpid(), SIGKILL);
    ::pause();
  }
}

KillPoints::Target KillPoints::choose(std::mt19937_64& random) const {
  Target best;
  for (int tries = 0; tries < 3 && count() > 0; ++tries) {
    const int i = static_cast<int>(random() % static_cast<std::uint64_t>(count()));
    if (best.point < 0 || points_[i].kills < points_[best.point].kills) best.point = i;
  }
  if (best.point < 0) return best;
  const std::uint64_t most = std::max<std::uint64_t>(points_[best.point].most.load(), 1);
  best.nth = 1 + random() % std::min(most, std::uint64_t{1} << random() % 8);
  return best;
}

void KillPoints::print() const {
  std::string names;
  std::uint64_t fewest = ~std::uint64_t{0};
  for (int i = 0; i < count(); ++i) {
    names += fmt::format("{}{} {}", i == 0 ? "" : ", ", points_[i].name, points_[i].kills.load());
    fewest = std::min(fewest, points_[i].kills.load());
  }
  if (count() > 0)
    fmt::print("{} kill points, each {} times or more: {}\n", count(), fewest, names);
}

}  // namespace tulving::torture
