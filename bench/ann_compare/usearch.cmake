# usearch and NumKong, the library of its kernels, as their own package builds them: every
# instruction set compiled, one chosen at run time.
enable_language(C)
set(numkong ${TULVING_USEARCH_DIR}/numkong)
if(NOT EXISTS ${numkong}/nk_probes.h)
  message(FATAL_ERROR "${numkong}/nk_probes.h is missing: run bench/ann_compare/get_peers.sh")
endif()
file(GLOB numkong_sources ${numkong}/c/*.c)
add_library(ann_numkong STATIC ${numkong_sources})
target_include_directories(ann_numkong SYSTEM PUBLIC ${numkong}/include)
target_compile_definitions(ann_numkong PUBLIC NK_DYNAMIC_DISPATCH=1 NK_NATIVE_F16=0
  NK_NATIVE_BF16=0)
target_compile_options(ann_numkong PRIVATE -std=c11 -O3 -w -include ${numkong}/nk_probes.h)

add_library(ann_usearch OBJECT usearch_engines.cc)
target_include_directories(ann_usearch SYSTEM PRIVATE ${TULVING_USEARCH_DIR}/include)
target_link_libraries(ann_usearch PRIVATE tulving_flags roaring::roaring fmt::fmt PUBLIC ann_numkong)
target_compile_definitions(ann_usearch PRIVATE USEARCH_USE_NUMKONG=1)
target_compile_options(ann_usearch PRIVATE -O3 ${TULVING_ANN_PEER_OPTIONS} -Wno-uninitialized
  -Wno-maybe-uninitialized)
