#include "tools/c/call/store_options.h"

#include <array>

#include "tools/c/call/given.h"
#include "tools/c/callbacks/embedder.h"
#include "tools/c/callbacks/writer.h"
#ifdef TULVING_WITH_EMBEDDERS
#include "tulving/embedders.h"
#endif
#ifdef TULVING_WITH_POSTGRES
#include "tulving/postgres.h"
#endif

namespace tulving::c {

namespace {

/// A field that was left 0 leaves the default.
template <class Given, class Option>
void take(Given given, Option& option) {
  if (given != 0) option = static_cast<Option>(given);
}
/// Likewise, where 0 can be meant and is then TULVING_ZERO.
void take_or_zero(std::uint32_t given, std::uint32_t& option) {
  if (given != 0) option = given == TULVING_ZERO ? 0 : given;
}

/// An enumerator by its number in C, from 1; 0 leaves the default.
template <class Enum, std::size_t n>
Status take_one_of(std::uint32_t given, const std::array<Enum, n>& values, std::string_view field,
                   Enum& option) {
  if (given > n) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is {}; must be 0..{}", field, given, n), std::string(field)};
  }
  if (given != 0) option = values[given - 1];
  return {};
}

Status take_enumerators(const tulving_store_options& given, StoreOptions& options) {
  constexpr std::array kDurabilities = {Durability::kDurable, Durability::kProcess,
                                        Durability::kNone};
  constexpr std::array kDecayModels = {DecayModel::kPowerLaw, DecayModel::kExponential,
                                       DecayModel::kTwoComponent};
  auto status = take_one_of(given.durability, kDurabilities, "durability", options.durability);
  if (!status) return status;
  constexpr std::array kEmbed = {EmbedWrites::kBackground, EmbedWrites::kWait, EmbedWrites::kOff};
  status = take_one_of(given.embed, kEmbed, "embed", options.embed);
  if (!status) return status;
  return take_one_of(given.decay_model, kDecayModels, "decay_model", options.decay_model);
}

Status take_flags(const tulving_store_options& given, StoreOptions& options) {
  constexpr std::uint32_t kKnown =
      TULVING_MUST_EXIST | TULVING_READ_ONLY | TULVING_NO_BACKGROUND_INDEXING;
  if (auto status = check_flags(given.flags, kKnown, "flags"); !status) return status;
  options.create_if_missing = (given.flags & TULVING_MUST_EXIST) == 0;
  options.read_only = (given.flags & TULVING_READ_ONLY) != 0;
  options.background_indexing = (given.flags & TULVING_NO_BACKGROUND_INDEXING) == 0;
  return {};
}

void take_numbers(const tulving_store_options& given, StoreOptions& options) {
  take(given.sync_interval_ms, options.sync_interval_ms);
  take(given.embedding_dim, options.embedding_dim);
  take(given.text_bytes_max, options.text_bytes_max);
  take(given.memories_max, options.memories_max);
  take(given.memory_max, options.memory_max);
  take(given.graph_m, options.vectors.m);
  take(given.ef_construction, options.vectors.ef_construction);
  take(given.ef_search, options.vectors.ef_search);
  take_or_zero(given.exact_rows_max, options.vectors.exact_rows_max);
  take(given.build_threads, options.vectors.build_threads);
  take_or_zero(given.residual_bits, options.vectors.residual_bits);
}

using Embedders = std::vector<std::shared_ptr<const Embedder>>;

/// Those that are callbacks. All contexts are taken over, also when one is refused.
Result<Embedders> callback_embedders(const tulving_store_options& given) {
  if (given.embedders == nullptr && given.embedders_count != 0) {
    return refused("embedders", "are missing, and are said to be some");
  }
  Embedders embedders;
  std::optional<Error> error;
  for (std::size_t at = 0; at < given.embedders_count; ++at) {
    auto made = CallbackEmbedder::make(given.embedders[at]);
    if (made) {
      embedders.push_back(*std::move(made));
    } else if (!error) {
      error = made.error();
      error->position = at;
    }
  }
  if (error) return *error;
  return embedders;
}

/// The one of a name; null: none.
Result<std::shared_ptr<const Embedder>> named_embedder(std::string_view name) {
#ifdef TULVING_WITH_EMBEDDERS
  return open_embedder(name);
#else
  return refused("embedder", fmt::format("is \"{}\"; this library was built without any", name));
#endif
}

Status take_embedders(const tulving_store_options& given, Embedders made, StoreOptions& options) {
  options.embedders = std::move(made);
  auto name = view_of(given.embedder, "embedder");
  if (!name) return name.error();
  if (name->empty()) return {};
  auto opened = named_embedder(*name);
  if (!opened) return opened.error();
  if (*opened != nullptr) options.embedders.push_back(*std::move(opened));
  return {};
}

Status take_all(const tulving_store_options& given, StoreOptions& options) {
  if (auto status = take_flags(given, options); !status) return status;
  if (auto status = take_enumerators(given, options); !status) return status;
  auto model = view_of(given.default_model, "default_model");
  if (!model) return model.error();
  if (!model->empty()) options.default_model = *model;
  take_numbers(given, options);
  return {};
}

}  // namespace

Result<OpenOptions> open_options(const tulving_store_options* given) {
  const auto read = read_struct_if_any(given, "options");
  if (!read) return read.error();
  OpenOptions options;
  // First of all, since their contexts are ours from here on.
  auto writer = text_writer(read->writer);
  auto embedders = callback_embedders(*read);
  if (!writer) return writer.error();
  if (!embedders) return embedders.error();
  options.service.writer = *std::move(writer);
#ifdef TULVING_WITH_POSTGRES
  options.service.more = postgres_operations();
#endif
  if (auto status = take_all(*read, options.store); !status) return status.error();
  auto status = take_embedders(*read, *std::move(embedders), options.store);
  if (!status) return status.error();
  return options;
}

}  // namespace tulving::c
