# cmake -DPROGRAM=FILE -DFOLDER=DIR -P run.cmake: runs the program on an empty folder.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${PROGRAM} ${FOLDER} WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result)
file(REMOVE_RECURSE ${FOLDER})
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with: ${result}")
endif()
