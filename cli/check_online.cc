// tidemark check --online: judges our own JSON Lines while they are written, and stops at the first violation.
#include <fmt/core.h>

#include <algorithm>

#include "checkers/consistency/known_order.h"
#include "checkers/history/history_io.h"
#include "checkers/session/session_checker.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/output.h"
#include "cli/verdict_output.h"

namespace tidemark::cli {
namespace {

constexpr std::uint32_t kBatch = 64;  // operations between two looks
constexpr std::int64_t kSecond = 1'000'000'000;
// What is remembered, as in a run: a read that shows something older is unknown, never valid.
constexpr std::uint64_t kRememberedWrites = 1U << 13;
constexpr std::int64_t kRememberedNs = 300 * kSecond;

struct OnlineCheck {
  explicit OnlineCheck(std::int64_t longest) : longest_ns(longest) {}

  /// False when the stream need not be read further.
  bool take(const checkers::Operation& operation) {
    ++operations;
    if (operation.invoke_ns < watermark_ns) {
      too_long = fmt::format(
          "operation {} lasted from {:.3f} s to {:.3f} s, longer than --longest-operation, so that what had been "
          "judged "
          "is not sure",
          operation.index, static_cast<double>(operation.invoke_ns) / 1e9,
          static_cast<double>(operation.complete_ns) / 1e9);
      return false;
    }
    order.on_operation(operation);
    sessions.on_operation(operation);
    watermark_ns = std::max(watermark_ns, operation.complete_ns - longest_ns);
    if (operations % kBatch != 0) return true;
    order.advance(watermark_ns);
    sessions.advance(watermark_ns);
    stopped = order.violated() || sessions.violated();
    return !stopped;
  }

  std::vector<checkers::Verdict> verdicts() {
    std::vector<checkers::Verdict> all{stopped ? order.so_far() : order.finish()};
    all.push_back(order.bookmark_order());
    for (checkers::Verdict& verdict : stopped ? sessions.so_far() : sessions.finish())
      all.push_back(std::move(verdict));
    for (checkers::Verdict& verdict : all) {
      if (too_long.empty()) continue;
      verdict.validity = checkers::Validity::kUnknown;
      verdict.witness = too_long;
    }
    return all;
  }

  const std::int64_t longest_ns;
  checkers::KnownOrderChecker order{{kRememberedWrites, kBatch, kRememberedNs}};
  checkers::SessionChecker sessions{{kRememberedWrites, kBatch}};
  std::uint64_t operations = 0;
  std::int64_t watermark_ns = INT64_MIN;
  bool stopped = false;
  std::string too_long;
};

}  // namespace

int check_online_command(const CheckArguments& arguments) {
  if (arguments.model != "sequential" || (arguments.format != "auto" && arguments.format != "jsonl"))
    throw UsageError("--online judges our own JSON Lines (--format jsonl) by the model sequential");
  if (arguments.explain || !arguments.svg.empty() || !arguments.html.empty() || !arguments.minimal.empty())
    throw UsageError("--online keeps no history to explain: use check without it on the file");
  try {
    checkers::HistoryReader reader(arguments.history == "-" ? "/dev/stdin" : arguments.history);
    OnlineCheck check(static_cast<std::int64_t>(arguments.longest_operation_s * static_cast<double>(kSecond)));
    for (checkers::Operation operation; reader.next(operation);)
      if (!check.take(operation)) break;
    std::vector<checkers::Verdict> verdicts = check.verdicts();
    print(arguments.output == "json" ? verdicts_json(arguments.history, reader.header(), check.operations, verdicts)
                                     : verdicts_text(arguments.history, check.operations, verdicts));
    if (check.stopped)
      print_message(fmt::format("stopped at the first violation, after {} operations\n", check.operations));
    return exit_code_of(worst(verdicts));
  } catch (const checkers::HistoryError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace tidemark::cli
