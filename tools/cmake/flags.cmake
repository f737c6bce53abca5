# Our own warnings, for our targets only: an embedder's flags are his.
add_library(tulving_flags INTERFACE)
target_compile_features(tulving_flags INTERFACE cxx_std_20)
target_compile_options(tulving_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual $<$<BOOL:${TULVING_WERROR}>:-Werror>)
# Third-party headers are system headers, private ones are spelled from the root ("index/...") and
# public ones from core/include ("tulving/...").
target_include_directories(tulving_flags INTERFACE ${PROJECT_SOURCE_DIR}
  ${PROJECT_SOURCE_DIR}/core/include)

# tulving_part(NAME SOURCES... LIBS...): one folder's object library. Parts join into libtulving.
function(tulving_part name)
  cmake_parse_arguments(PARSE_ARGV 1 part "" "" "SOURCES;LIBS")
  add_library(${name} OBJECT ${part_SOURCES})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PUBLIC tulving_flags ${part_LIBS})
endfunction()
