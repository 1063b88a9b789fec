#include "reports/failure_class.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "base/digest.h"
#include "reports/witness_shape.h"

namespace tidemark::reports {
namespace {

using checkers::Validity;
using checkers::Verdict;

constexpr std::array<std::string_view, 31> kRank = {
    "Q", "DUR", "LOG", "ONE", "CMONO", "BM", "FENCE", "HIDE", "TXN", "VMONO", "WAIT", "FRESH", "META", "IMG", "SNAP",
    "PITR", "GC", "CKPT", "GATE", "ERR", "LAG", "RES",
    // the files at the end
    "WAL", "integrity", "equal-copies",
    // clients, then sessions
    "bookmark-order", "sequential", "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"};

bool is_listed(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What is compared: liveness after safety, what has no instant after what has one, then the instant, the table, the
/// name.
std::tuple<bool, bool, std::int64_t, std::size_t, std::string_view> rank(const Verdict& verdict) {
  const auto place = static_cast<std::size_t>(std::find(kRank.begin(), kRank.end(), verdict.name) - kRank.begin());
  return {verdict.liveness, !verdict.at_ns.has_value(), verdict.at_ns.value_or(0), place, verdict.name};
}

/// Of those with this validity, what is not expected; nullptr: there is none.
const Verdict* first_of(Validity validity, const std::vector<Verdict>& verdicts,
                        const std::vector<std::string>& expect) {
  const Verdict* first = nullptr;
  for (const Verdict& verdict : verdicts) {
    if (verdict.validity != validity || is_listed(expect, verdict.name)) continue;
    if (first == nullptr || rank(verdict) < rank(*first)) first = &verdict;
  }
  return first;
}

/// Names of `expect` that were not violated, first one only.
std::optional<FailureClass> missed(const std::vector<Verdict>& verdicts, const std::vector<std::string>& expect,
                                   bool stopped) {
  for (const std::string& name : expect) {
    const auto judged =
        std::find_if(verdicts.begin(), verdicts.end(), [&](const Verdict& v) { return v.name == name; });
    const bool is_missed = judged == verdicts.end() ? !stopped : judged->validity != Validity::kInvalid;
    if (is_missed) return FailureClass{"expected", name};
  }
  return std::nullopt;
}

}  // namespace

std::string FailureClass::text() const {
  return shape.empty() ? check : check + ": " + shape;
}

std::string FailureClass::id() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::uint64_t hash = hash_name(text());
  std::string hex;
  for (int shift = 60; shift >= 0; shift -= 4) hex += kDigits[hash >> shift & 0xfU];
  return hex;
}

const Verdict* first_violation(const std::vector<Verdict>& verdicts, const std::vector<std::string>& expect) {
  return first_of(Validity::kInvalid, verdicts, expect);
}

std::optional<FailureClass> failure_class(const std::vector<Verdict>& verdicts, const std::vector<std::string>& expect,
                                          bool stopped) {
  if (const Verdict* const first = first_violation(verdicts, expect))
    return FailureClass{first->name, witness_shape(first->witness)};
  if (const auto expected = missed(verdicts, expect, stopped)) return expected;
  if (const Verdict* const first = first_of(Validity::kUnknown, verdicts, expect))
    return FailureClass{"unknown", first->name};
  return std::nullopt;
}

FailureClass crash_class(int signal) {
  return {"crash", "signal " + std::to_string(signal)};
}
FailureClass exit_class(int code) {
  return {"crash", "exit code " + std::to_string(code)};
}
FailureClass hang_class() {
  return {"hang", ""};
}
FailureClass memory_class() {
  return {"memory", ""};
}
FailureClass nondeterminism_class() {
  return {"non-determinism", ""};
}

}  // namespace tidemark::reports
