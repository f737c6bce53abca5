# Our own warnings, for our targets only: an embedder's flags are his.
add_library(tulving_flags INTERFACE)
target_compile_features(tulving_flags INTERFACE cxx_std_20)
target_compile_options(tulving_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual $<$<BOOL:${TULVING_WERROR}>:-Werror>)
# TULVING_DCHECK and the sides of a Result, for builds that tests run in; see core/base/check.h.
option(TULVING_DCHECKS "Check our own invariants at run time" OFF)
target_compile_definitions(tulving_flags INTERFACE $<$<BOOL:${TULVING_DCHECKS}>:TULVING_DCHECKS>)
# Third-party headers are system headers, private ones are spelled from the root ("index/...") and
# public ones from core/include ("tulving/...").
target_include_directories(tulving_flags INTERFACE ${PROJECT_SOURCE_DIR}
  ${PROJECT_SOURCE_DIR}/core/include)

# Headers that many of our sources read, compiled once: half of a source's time is theirs. No source
# may rely on it; CMAKE_DISABLE_PRECOMPILE_HEADERS builds without. One for each set of flags: the
# library's, position independent, and the tests' (in tests/CMakeLists.txt).
find_package(fmt CONFIG REQUIRED)
add_library(tulving_precompiled OBJECT ${PROJECT_SOURCE_DIR}/tools/cmake/precompiled.cc)
set_target_properties(tulving_precompiled PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_link_libraries(tulving_precompiled PRIVATE tulving_flags fmt::fmt)
target_precompile_headers(tulving_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/tools/cmake/precompiled.h)

# Some sources of a folder are compiled as one: what they include is read once, which is most of the
# work (core/engine/tenant takes a fifth of the time, core/merging two thirds). So helpers in unnamed namespaces have names of their own
# within a folder. Files with options of their own, the kernels', stay alone; clang-tidy wants all alone.
option(TULVING_UNITY_BUILD "Compile several sources as one" ON)
function(tulving_unity target)
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${TULVING_UNITY_BUILD} UNITY_BUILD_BATCH_SIZE 12)
  if(TULVING_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Of types in unnamed namespaces, which are a header's only for who takes the unit for the source;
    # and GCC 12 sees the other two in std::string where there are none.
    target_compile_options(${target} PRIVATE
      -Wno-subobject-linkage -Wno-array-bounds -Wno-stringop-overflow)
  endif()
endfunction()

# tulving_part(NAME SOURCES... LIBS...): one folder's object library. Parts join into libtulving.
function(tulving_part name)
  cmake_parse_arguments(PARSE_ARGV 1 part "" "" "SOURCES;LIBS")
  add_library(${name} OBJECT ${part_SOURCES})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PUBLIC tulving_flags ${part_LIBS} PRIVATE fmt::fmt)
  target_precompile_headers(${name} REUSE_FROM tulving_precompiled)
  tulving_unity(${name})
endfunction()
