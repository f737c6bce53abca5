# What `cmake --install` leaves: libtulving, its headers, the command line, the library for C with a
# file for pkg-config, and a package that find_package(tulving) reads. The libraries beside it are
# components: find_package(tulving COMPONENTS postgres embedders c).
option(TULVING_INSTALL "Install the library, its headers and the command line"
  ${PROJECT_IS_TOP_LEVEL})
if(NOT TULVING_INSTALL)
  return()
endif()

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(TULVING_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tulving)

# A static libtulving is linked with what its parts use. tulving-config.cmake finds each of these; the
# tulving:: ones are plain libraries that come without a package of their own.
get_target_property(TULVING_LIBRARY_TYPE tulving TYPE)
if(TULVING_LIBRARY_TYPE STREQUAL "STATIC_LIBRARY")
  foreach(library RocksDB::rocksdb-shared roaring::roaring absl::flat_hash_map
          absl::flat_hash_set absl::inlined_vector ICU::i18n ICU::uc fmt::fmt Threads::Threads
          tulving::stemmer tulving::xxhash tulving::md)
    set_property(TARGET tulving APPEND PROPERTY
      INTERFACE_LINK_LIBRARIES "$<INSTALL_INTERFACE:$<LINK_ONLY:${library}>>")
  endforeach()
endif()

# tulving_install(TARGET NAME): installs a library, to be linked as tulving::NAME.
function(tulving_install target name)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ${target} EXPORT ${target}-targets FILE_SET HEADERS)
  install(EXPORT ${target}-targets NAMESPACE tulving:: DESTINATION ${TULVING_PACKAGE_DIR})
endfunction()

tulving_install(tulving tulving)
if(TARGET tulving_postgres)
  target_sources(tulving_postgres PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR}/core/include
    FILES ${PROJECT_SOURCE_DIR}/core/include/tulving/postgres.h)
  tulving_install(tulving_postgres postgres)
endif()

if(TARGET tulving_c)
  tulving_install(tulving_c c)
  set_target_properties(tulving_c PROPERTIES INSTALL_RPATH "$ORIGIN")  # Of a shared libtulving.
  # Told by where the file lies, so that the whole may be moved.
  file(RELATIVE_PATH TULVING_PREFIX_FROM_PC
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  configure_file(${PROJECT_SOURCE_DIR}/tools/c/tulving_c.pc.in ${PROJECT_BINARY_DIR}/tulving_c.pc
    @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/tulving_c.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

if(TARGET tulving_embedders)
  target_sources(tulving_embedders PUBLIC FILE_SET HEADERS
    BASE_DIRS ${PROJECT_SOURCE_DIR}/core/include
    FILES ${PROJECT_SOURCE_DIR}/core/include/tulving/embedders.h)
  tulving_install(tulving_embedders embedders)
endif()

# Where the command line finds a shared libtulving, wherever the whole is moved to.
if(TARGET tulving_cli)
  file(RELATIVE_PATH TULVING_LIB_FROM_BIN
    ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(tulving_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${TULVING_LIB_FROM_BIN}")
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/tools/cmake/tulving-config.cmake.in
  ${PROJECT_BINARY_DIR}/tulving-config.cmake INSTALL_DESTINATION ${TULVING_PACKAGE_DIR})
# Before 1.0 a minor version may break what was there.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tulving-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/tulving-config.cmake ${PROJECT_BINARY_DIR}/tulving-config-version.cmake
  DESTINATION ${TULVING_PACKAGE_DIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
