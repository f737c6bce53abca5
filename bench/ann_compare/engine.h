#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <roaring/roaring.hh>
#include <span>
#include <string>
#include <vector>

namespace tulving::bench {

/// Rows that a filter lets through, in the forms that engines take.
struct Allowed {
  Roaring rows;
  std::vector<char> flags;  ///< By row.
};

using RowList = std::vector<std::uint32_t>;

/// A search engine under measurement. All get the same unit vectors and links: M = 16 (32 on the
/// lowest level), a walk of 200 at insertion.
///
/// Thread safety: search() of one thread beside add() of another is what an engine must bear; those
///   that do not, lock as their user would have to.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Version, instruction set and whatever else a reader must know of this build.
  [[nodiscard]] virtual std::string build_note() const = 0;

  /// Takes `rows` (n x dim, one after another), numbered from 0. Room is made for `spare` more.
  /// Called once.
  virtual void build(std::span<const float> rows, std::size_t spare, unsigned threads) = 0;
  /// Threads that build() makes use of.
  [[nodiscard]] virtual unsigned build_threads_max() const { return 1024; }

  /// The k nearest of `query` in any order, by a walk of width `effort`.
  virtual void search(std::span<const float> query, std::uint32_t k, std::uint32_t effort,
                      RowList& found) = 0;
  /// Whether search_filtered() works.
  [[nodiscard]] virtual bool filters() const { return false; }
  /// The k nearest of the allowed rows.
  virtual void search_filtered(std::span<const float> /*query*/, std::uint32_t /*k*/,
                               std::uint32_t /*effort*/, const Allowed& /*allowed*/,
                               RowList& /*found*/) {}
  /// Adds one row, found by the next search. Called of kinds whose `adds` is set.
  virtual void add(std::uint32_t /*row*/, std::span<const float> /*vector*/) {}
  /// Waits until what add() left for later is done.
  virtual void settle() {}
  /// What the engine itself says that its vectors take; empty: it does not say.
  [[nodiscard]] virtual std::optional<std::size_t> bytes() const { return {}; }
};

struct EngineKind {
  const char* name;  ///< As --engines names it.
  std::unique_ptr<Engine> (*make)(std::uint32_t dim);
  bool adds = false;  ///< add() works, beside searches.
};

/// Those that this program was built with, ours first.
std::vector<EngineKind> engine_kinds();

std::unique_ptr<Engine> make_tulving_index(std::uint32_t dim);
std::unique_ptr<Engine> make_tulving_4_bits(std::uint32_t dim);  ///< Fewer residual bits.
std::unique_ptr<Engine> make_tulving_0_bits(std::uint32_t dim);
std::unique_ptr<Engine> make_tulving_store(std::uint32_t dim);
std::unique_ptr<Engine> make_hnswlib(std::uint32_t dim);
std::unique_ptr<Engine> make_faiss_flat(std::uint32_t dim);
std::unique_ptr<Engine> make_faiss_sq8(std::uint32_t dim);
std::unique_ptr<Engine> make_usearch_f16(std::uint32_t dim);
std::unique_ptr<Engine> make_usearch_i8(std::uint32_t dim);

inline constexpr std::uint32_t kLinks = 16;
inline constexpr std::uint32_t kBuildWidth = 200;

}  // namespace tulving::bench
