#include <tulving/tulving.h>
#ifdef WITH_POSTGRES
#include <tulving/postgres.h>
#endif

int shadowed = 1;

int main() {
  int shadowed = (int)2.5;
#ifdef WITH_POSTGRES
  // Linked, and refused: there is no such snapshot.
  if (tulving::sync_snapshot("no such folder", {})) return 1;
#endif
  return tulving::Store::open_in_memory() ? shadowed - 2 : 1;
}
