#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/output.h"
#include "model/types/bugs.h"
#include "reports/json_writer.h"

namespace tidemark::cli {

int bugs_command(const std::string& format) {
  if (format == "json") {
    reports::JsonWriter json(reports::JsonWriter::Style::kIndented);
    json.begin_array();
    for (const model::BugInfo& bug : model::bug_catalogue()) {
      json.begin_object().key("id").text(bug.id).key("where").text(bug.where).key("mistake").text(bug.mistake);
      json.key("exposed_by")
          .text(bug.exposed_by)
          .key("caught_by")
          .text(bug.caught_by)
          .key("origin")
          .text(bug.origin)
          .key("tier")
          .number(std::uint64_t{bug.tier})
          .key("scenario")
          .text(bug.scenario)
          .key("rare")
          .text(bug.rare)
          .end_object();
    }
    print(json.end_array().str() + "\n");
    return kExitValid;
  }
  std::string text;
  for (const model::BugInfo& bug : model::bug_catalogue()) {
    text += fmt::format("{:<4} {}: {}\n     exposed by {}; caught by {}; seen in {}\n     hunted in {}\n", bug.id,
                        bug.where, bug.mistake, bug.exposed_by, bug.caught_by, bug.origin,
                        bug.scenario.empty() ? "unit tests only" : bug.scenario);
  }
  print(text + "\nSwitch on with --set bugs=ID[,ID...]; none is on by default.\n");
  return kExitValid;
}

}  // namespace tidemark::cli
