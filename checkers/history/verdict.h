// Verdicts. Three values; composition takes the worst; a checker that cannot decide says unknown, never valid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tidemark::checkers {

enum class Validity : std::uint8_t { kValid, kUnknown, kInvalid };  // in this order: worst last

struct Verdict {
  std::string name;  // "sequential", "read-your-writes", "Q", "HIDE", ...: what the table of checks calls it
  Validity validity = Validity::kValid;
  std::string witness;  // invalid: the smallest contradiction as text; unknown: what is missing; else empty
  std::uint64_t observations =
      0;                  // how many things were judged; 0 is reported: a check that saw nothing proves nothing
  bool liveness = false;  // a violation is a liveness violation (exit code 3), not a safety violation
  /// Invalid: when it was broken, in virtual time. None: the checker does not say, or it shows at the end of the run.
  std::optional<std::int64_t> at_ns = std::nullopt;
};

const char* to_text(Validity validity);
/// Worst of all; valid when empty.
Validity worst(const std::vector<Verdict>& verdicts);

}  // namespace tidemark::checkers
