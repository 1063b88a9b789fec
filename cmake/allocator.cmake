# tidemark_allocator(TARGET...): these programs use tcmalloc instead of the C library's allocator (docs/decisions.md has the
# figures). Programs only, never the rooms or the package: who links the checkers keeps the allocator of their own.
# Sanitizers bring an allocator along, and it must not be replaced.
find_library(TIDEMARK_TCMALLOC NAMES libtcmalloc_minimal.so.4 tcmalloc_minimal REQUIRED)

function(tidemark_allocator)
  if(TIDEMARK_SANITIZE)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    # The program calls none of its functions by name, so a linker that drops unneeded libraries would drop it.
    target_link_libraries(${target} PRIVATE -Wl,--push-state,--no-as-needed ${TIDEMARK_TCMALLOC} -Wl,--pop-state)
  endforeach()
endfunction()
