#include "checkers/history/verdict.h"

#include <algorithm>

namespace tidemark::checkers {

const char* to_text(Validity validity) {
  switch (validity) {
    case Validity::kValid:
      return "valid";
    case Validity::kUnknown:
      return "unknown";
    case Validity::kInvalid:
      return "invalid";
  }
  return "unknown";
}

Validity worst(const std::vector<Verdict>& verdicts) {
  Validity result = Validity::kValid;
  for (const Verdict& verdict : verdicts) result = std::max(result, verdict.validity);
  return result;
}

}  // namespace tidemark::checkers
