# cmake -DBINARY=DIR -DOPTIONS="-DA=B;..." -P build_and_run.cmake
# Configures the project beside this file in DIR from nothing, builds it, runs both programs and reads
# what the example prints.
include(${CMAKE_CURRENT_LIST_DIR}/run.cmake)

file(REMOVE_RECURSE ${BINARY})
file(MAKE_DIRECTORY ${BINARY}/tmp)
set(ENV{TMPDIR} ${BINARY}/tmp)  # Where the example makes its store.

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/project -B ${BINARY}/build ${OPTIONS})
run(${CMAKE_COMMAND} --build ${BINARY}/build --target example strict)
run(${BINARY}/build/strict)
foreach(time first again)  # The second time the store is there, and so are the memories.
  run(${BINARY}/build/example)
  # By meaning, where a model is installed, the other one is found as well.
  if(NOT output MATCHES "^[0-9.]+  Ana drinks green tea in the morning\\.\n([0-9.]+  The train to Porto leaves at nine\\.\n)?$")
    message(FATAL_ERROR "The example, run ${time}, printed:\n${output}")
  endif()
endforeach()
