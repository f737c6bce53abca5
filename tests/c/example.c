#include <stdio.h>
#include <tulving_c.h>

int main(void) {
  tulving_store* store;
  tulving_tenant* tenant;
  tulving_hits* hits;
  tulving_error* error;
  if (tulving_store_open("memories", NULL, &store, &error) != TULVING_OK) {
    fprintf(stderr, "%s\n", tulving_error_message(error).data);
    return 1;
  }
  tulving_store_tenant(store, TULVING_TEXT("acme"), &tenant, NULL);
  tulving_add_args tea = {.struct_size = sizeof tea};
  tea.records = TULVING_TEXT("{\"text\": \"Ana drinks green tea in the morning.\"}");
  tulving_add(tenant, &tea, NULL, NULL);

  tulving_search_args query = {.struct_size = sizeof query};
  query.text = TULVING_TEXT("What does Ana drink?");
  if (tulving_search(tenant, &query, &hits, NULL) == TULVING_OK) {
    tulving_text text = tulving_hits_text(hits, 0, TULVING_HIT_TEXT);
    printf("%.*s\n", (int)text.size, text.data);
    tulving_hits_free(hits);
  }
  tulving_tenant_free(tenant);
  tulving_store_free(store);
}
