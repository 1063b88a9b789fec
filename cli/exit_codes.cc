#include "cli/exit_codes.h"

#include <initializer_list>

namespace tidemark::cli {

int graver(int a, int b) {
  for (const int code : {kExitSafety, kExitLiveness, kExitUnknown}) {
    if (a == code || b == code) return code;
  }
  return kExitValid;
}

}  // namespace tidemark::cli
