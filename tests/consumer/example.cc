#include <tulving/tulving.h>

#include <filesystem>
#include <iostream>
#include <vector>

int fail(const tulving::Error& error) {
  std::cerr << error.message << '\n';
  return 1;
}

int main() {
  auto store = tulving::Store::open(std::filesystem::temp_directory_path() / "tulving-example");
  if (!store) return fail(store.error());
  auto tenant = store->tenant("acme");
  if (!tenant) return fail(tenant.error());

  tulving::Memory tea, train;
  tea.text = "Ana drinks green tea in the morning.";
  tea.embeddings = {{.vector = {0.9F, 0.1F, 0.2F}}};
  train.text = "The train to Porto leaves at nine.";
  train.embeddings = {{.vector = {0.1F, 0.9F, 0.3F}}};
  if (auto added = tenant->add(std::vector{tea, train}); !added) return fail(added.error());

  tulving::SearchRequest request;  // With a text and a vector, the search is hybrid.
  request.text = "What does Ana drink?";
  request.vector = {0.8F, 0.2F, 0.1F};
  auto found = tenant->search(request);
  if (!found) return fail(found.error());
  for (const auto& hit : found->hits) std::cout << hit.score << "  " << hit.memory.text() << '\n';
}
