// Does not compile where KEEP is not defined: an error that nobody looks at is a warning, and here
// warnings are errors.
#include "tulving/result.h"

tulving::Status write();
tulving::Result<int> read();

int main() {
#ifdef KEEP_STATUS
  if (!write()) return 1;
#else
  write();
#endif
#ifdef KEEP_RESULT
  if (!read()) return 1;
#else
  read();
#endif
}
