#include "steer/trial.h"

#include <charconv>

#include "base/assert.h"
#include "steer/plan_text.h"

namespace tidemark::steer {

scenarios::RunResult run_choice(const scenarios::Scenario& scenario, const Choice& choice, Reached& reached) {
  Collector seen;
  scenarios::RunRequest request{scenario, choice.seed, "", ""};
  request.plan = choice.plan ? &*choice.plan : nullptr;
  request.events = &seen;
  request.observer = &seen;
  request.watcher = &seen;
  scenarios::RunResult result = scenarios::run_scenario(request);
  reached.features = seen.cells().features();
  reached.marks = seen.marks();
  return result;
}

std::string choice_text(const Choice& choice) {
  return std::to_string(choice.run) + " " + std::to_string(choice.seed) + "\n" +
         (choice.plan ? plan_text(*choice.plan) : "");
}

Choice parse_choice(const std::string& text) {
  Choice choice;
  const std::size_t line = text.find('\n');
  TIDEMARK_ASSERT(line != std::string::npos, "a choice of another program");
  const auto run = std::from_chars(text.data(), text.data() + line, choice.run);
  const auto seed = std::from_chars(run.ptr + 1, text.data() + line, choice.seed);
  TIDEMARK_ASSERT(run.ec == std::errc() && seed.ec == std::errc(), "a choice of another program");
  if (line + 1 == text.size()) return choice;
  choice.plan = parse_plan(text.substr(line + 1));
  TIDEMARK_ASSERT(choice.plan.has_value(), "a choice of another program");
  return choice;
}

std::string reached_text(const Reached& reached) {
  return pack_features(reached.features) + "\n" + marks_text(reached.marks);
}

bool parse_reached(const std::string& text, Reached& reached) {
  const std::size_t line = text.find('\n');
  if (line == std::string::npos || !unpack_features(std::string_view(text).substr(0, line), reached.features))
    return false;
  std::optional<std::vector<Mark>> marks = parse_marks(text.substr(line + 1));
  if (!marks) return false;
  reached.marks = std::move(*marks);
  return true;
}

std::string with_reached(const Reached& reached, const std::string& own) {
  const std::string text = reached_text(reached);
  return std::to_string(text.size()) + " " + text + own;
}

std::string take_reached(const std::string& answer, Reached& reached) {
  const std::size_t space = answer.find(' ');
  TIDEMARK_ASSERT(space != std::string::npos, "an answer of another program");
  const std::size_t size = std::stoull(answer.substr(0, space));
  const bool good = parse_reached(answer.substr(space + 1, size), reached);
  TIDEMARK_ASSERT(good, "an answer of another program");
  return answer.substr(space + 1 + size);
}

}  // namespace tidemark::steer
