# cmake -DPREFIX=DIR -DPROGRAM=FILE -DBINARY=DIR -DCOMPILER=cc -P c_build_and_run.cmake
# Builds the program in C against the installed library twice, by find_package() and by pkg-config, and
# runs both.
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY}/first ${BINARY}/second)
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/c_project -B ${BINARY}/build
  -DCMAKE_PREFIX_PATH=${PREFIX} -DPROGRAM=${PROGRAM})
run(${CMAKE_COMMAND} --build ${BINARY}/build)
run(${BINARY}/build/example ${BINARY}/first)

file(GLOB_RECURSE pc ${PREFIX}/*/tulving_c.pc)
get_filename_component(pc ${pc} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${pc})
run(pkg-config --cflags --libs tulving_c)
separate_arguments(flags UNIX_COMMAND "${output}")
run(pkg-config --variable=libdir tulving_c)
string(STRIP "${output}" libdir)
run(${COMPILER} -o ${BINARY}/example ${PROGRAM} ${flags} -Wl,-rpath,${libdir})
run(${BINARY}/example ${BINARY}/second)
