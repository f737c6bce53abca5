# cmake -DPREFIX=DIR -DPROGRAM=FILE -DBINARY=DIR -DCOMPILER=cc -P c_build_and_run.cmake
# Builds the program in C against the installed library twice, by find_package() and by pkg-config, and
# runs both.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\n${output}\nended with: ${result}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

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
