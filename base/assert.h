// Assertions that stay on in every build.
//
// TIDEMARK_ASSERT states what must hold if Tidemark itself is right. It is never used for input of a user (that is an
// error with a place) nor for a fault that the simulation causes (that is handled). A failed assertion is a defect of
// Tidemark: it is printed and the program ends with exit code 70.
#pragma once

#include <string_view>

namespace tidemark {

inline constexpr int kExitDefect = 70;

/// Prints the failed condition with its place to stderr and ends the process with kExitDefect. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, std::string_view message);

}  // namespace tidemark

#define TIDEMARK_ASSERT(condition, ...)                                                            \
  do {                                                                                             \
    if (!(condition)) [[unlikely]]                                                                 \
      ::tidemark::assertion_failed(#condition, __FILE__, __LINE__, std::string_view{__VA_ARGS__}); \
  } while (false)
