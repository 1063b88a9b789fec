# Installs the package into an empty folder, and builds and runs the example against it, outside the source tree.
# Arguments: BUILD, SOURCE (this folder), SCRATCH, COMPILER, FLAGS, GENERATOR, INCLUDES (where headers go below a prefix).
function(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})
step(${CMAKE_COMMAND} --install ${BUILD} --component checkers --prefix ${SCRATCH}/installed)
foreach(project IN ITEMS example headers)
  file(COPY ${SOURCE}/${project} DESTINATION ${SCRATCH})
  step(${CMAKE_COMMAND} -S ${SCRATCH}/${project} -B ${SCRATCH}/${project}/build -G ${GENERATOR}
       -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS} -DCMAKE_PREFIX_PATH=${SCRATCH}/installed
       -DINSTALLED_INCLUDES=${SCRATCH}/installed/${INCLUDES}/tidemark)
  step(${CMAKE_COMMAND} --build ${SCRATCH}/${project}/build)
endforeach()

execute_process(COMMAND ${SCRATCH}/example/build/judge_my_history RESULT_VARIABLE result OUTPUT_VARIABLE output)
if(NOT result EQUAL 1 OR NOT output MATCHES "sequential: invalid" OR
   NOT output MATCHES "T2 read x = .., and T0 appended 1, which was not there yet")
  message(FATAL_ERROR "the example says (${result}):\n${output}")
endif()
