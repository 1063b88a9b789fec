// Exit codes of the `tidemark` command. 70 (kExitDefect, a defect of Tidemark itself) is in base/assert.h.
#pragma once

namespace tidemark::cli {

inline constexpr int kExitValid = 0;     // every verdict valid, or an expected violation happened
inline constexpr int kExitSafety = 1;    // a safety violation, or an expected one did not happen
inline constexpr int kExitUnknown = 2;   // a checker could not decide
inline constexpr int kExitLiveness = 3;  // a liveness violation
inline constexpr int kExitUsage = 64;    // bad usage or bad input file

/// The code of several runs: the gravest of the two (safety, liveness, unknown, valid).
int graver(int a, int b);

}  // namespace tidemark::cli
