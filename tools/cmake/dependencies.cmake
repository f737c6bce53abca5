# Every package is Debian's; tools/scripts/install_packages.sh installs them. Each is used under one folder:
# see ARCHITECTURE.md. The same list is repeated for users in tulving-config.cmake.in.
find_package(RocksDB CONFIG REQUIRED)                            # storage/rocksdb
find_package(FlatBuffers NAMES FlatBuffers flatbuffers CONFIG REQUIRED)  # storage
find_package(roaring CONFIG REQUIRED)                            # index
find_package(absl CONFIG REQUIRED)                               # flat hash maps
find_package(ICU COMPONENTS uc i18n REQUIRED)                    # index/text, core/base
find_package(nlohmann_json CONFIG REQUIRED)                      # snapshot manifest, figures of reports
find_package(fmt CONFIG REQUIRED)                                # messages
find_package(Threads REQUIRED)
find_path(HNSWLIB_INCLUDE_DIR hnswlib/hnswlib.h REQUIRED)        # index/hnsw
find_path(STEMMER_INCLUDE_DIR libstemmer.h REQUIRED)             # index/text
find_library(STEMMER_LIBRARY stemmer REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)                  # core/base
find_library(XXHASH_LIBRARY xxhash REQUIRED)
find_path(MD_INCLUDE_DIR md5.h REQUIRED)                         # core/base
find_library(MD_LIBRARY md REQUIRED)
