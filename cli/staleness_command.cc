// `tidemark report staleness`.
#include <filesystem>

#include "checkers/formats/format.h"
#include "checkers/history/history_io.h"
#include "checkers/staleness/staleness.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/judgement_output.h"
#include "cli/output.h"
#include "reports/staleness.h"

namespace tidemark::cli {
namespace {

using checkers::History;

/// The version column of our own registers, by event; nothing where there is none.
std::vector<std::int64_t> versions_of(const std::string& path, const History& history) {
  constexpr checkers::EventKinds kRegisters = bit(checkers::EventKind::kRead) | bit(checkers::EventKind::kWrite);
  if (history.kinds() == 0 || (history.kinds() & ~kRegisters) != 0) return {};
  std::vector<std::int64_t> versions;
  for (const checkers::Operation& operation : checkers::read_history(path)) {
    const auto* registers = std::get_if<std::vector<checkers::RegisterOp>>(&operation.value);
    if (registers == nullptr) continue;
    for (const checkers::RegisterOp& op : *registers) versions.push_back(op.known || op.is_write ? op.version : -1);
  }
  if (versions.size() != history.events().size()) return {};
  return versions;
}

}  // namespace

int staleness_command(const StalenessArguments& arguments) {
  reports::Format format{};
  if (!reports::parse_format(arguments.format, format)) throw UsageError("--format " + arguments.format + ": unknown");
  std::string path = arguments.history;
  if (std::filesystem::is_directory(path)) path = (std::filesystem::path(path) / "history.jsonl").string();
  try {
    const checkers::Format kind =
        arguments.from == "auto" ? checkers::guess_format(path) : *checkers::find_format(arguments.from);
    checkers::ReadSummary summary;
    const History history = checkers::read_history_file(path, kind, &summary);
    print_message(remarks(summary));
    const bool ours = kind == checkers::Format::kTidemark;
    const std::vector<std::int64_t> versions = ours ? versions_of(path, history) : std::vector<std::int64_t>{};
    const std::string text = reports::render(checkers::measure_staleness(history, versions), path, format);
    arguments.out.empty() ? print(text) : write_file(arguments.out, text);
  } catch (const checkers::HistoryError& error) {
    throw UsageError(error.what());
  }
  return kExitValid;
}

}  // namespace tidemark::cli
