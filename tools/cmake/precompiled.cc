// A target needs a source; tools/cmake/flags.cmake says what for.
