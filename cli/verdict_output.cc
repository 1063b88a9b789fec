#include "cli/verdict_output.h"

#include <fmt/core.h>

#include "cli/exit_codes.h"
#include "reports/json_writer.h"

namespace tidemark::cli {

using checkers::Verdict;

std::string verdicts_text(const std::string& history, std::size_t operations, const std::vector<Verdict>& verdicts) {
  std::string text = fmt::format("{}: {} operations\n", history, operations);
  for (const Verdict& verdict : verdicts) {
    text +=
        fmt::format("  {:<20} {:<8} {} observations\n", verdict.name, to_text(verdict.validity), verdict.observations);
    if (!verdict.witness.empty()) text += "    " + verdict.witness + "\n";
  }
  return text + fmt::format("verdict {}\n", to_text(worst(verdicts)));
}

std::string verdicts_json(const std::string& history, const checkers::HistoryHeader& header, std::size_t operations,
                          const std::vector<Verdict>& verdicts) {
  reports::JsonWriter json;
  json.begin_object()
      .key("history")
      .text(history)
      .key("scenario")
      .text(header.scenario)
      .key("seed")
      .number(header.seed);
  json.key("verdict").text(to_text(worst(verdicts))).key("operations").number(static_cast<std::uint64_t>(operations));
  json.key("checks").begin_array();
  for (const Verdict& verdict : verdicts) {
    json.begin_object().key("name").text(verdict.name).key("verdict").text(to_text(verdict.validity));
    json.key("witness").text(verdict.witness).key("observations").number(verdict.observations).end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

int exit_code_of(checkers::Validity validity) {
  switch (validity) {
    case checkers::Validity::kValid:
      return kExitValid;
    case checkers::Validity::kUnknown:
      return kExitUnknown;
    case checkers::Validity::kInvalid:
      return kExitSafety;
  }
  return kExitUnknown;
}

}  // namespace tidemark::cli
