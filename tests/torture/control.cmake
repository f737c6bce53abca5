# cmake -DPROGRAM=... -DARGUMENTS="kills;--trials;9" -DFAULT="kill at a point" -P control.cmake
# Runs the program with a broken promise: it must end with 1 and name a fault of that kind.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} RESULT_VARIABLE result OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
message("${output}")
if(NOT result EQUAL 1)
  message(FATAL_ERROR "it ended with ${result}; a broken promise must make it 1")
endif()
if(NOT output MATCHES "FAULT [(]${FAULT},")
  message(FATAL_ERROR "it names no fault of kind \"${FAULT}\"")
endif()
