#include <tulving/tulving.h>

#include <filesystem>
#include <iostream>
#include <vector>

int fail(const tulving::Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

int main() {
  tulving::StoreOptions options;
  options.embed = tulving::EmbedWrites::kWait;  // A small model on this machine: 0.6 ms a sentence.
  if (auto model = tulving::find_model("use-lite")) {
    auto embedder = tulving::open_use_lite(*model);
    if (!embedder) return fail(embedder.error());
    options.embedders.push_back(*embedder);
  }  // Where it is not installed, memories are found by their words.

  const auto directory = std::filesystem::temp_directory_path() / "tulving-example";
  auto store = tulving::Store::open(directory, options);
  if (!store) return fail(store.error());
  auto tenant = store->tenant("acme");
  if (!tenant) return fail(tenant.error());

  tulving::Memory tea, train;
  tea.text = "Ana drinks green tea in the morning.";
  train.text = "The train to Porto leaves at nine.";
  if (auto added = tenant->add(std::vector{tea, train}); !added) return fail(added.error());

  tulving::SearchRequest request;  // By words, and by meaning where there is a model.
  request.text = "What does Ana drink?";
  auto found = tenant->search(request);
  if (!found) return fail(found.error());
  for (const auto& hit : found->hits) std::cout << hit.score << "  " << hit.memory.text() << '\n';
}
