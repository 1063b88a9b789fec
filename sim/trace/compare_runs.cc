#include "sim/trace/compare_runs.h"

#include <algorithm>

namespace tidemark::sim {
namespace {

std::string both_parents(const EventRecord* event, const std::vector<EventRecord>& before, const NameOf& name_of) {
  return event == nullptr ? std::string() : describe_parents(*event, before, name_of);
}

}  // namespace

bool same_event(const EventRecord& a, const EventRecord& b) {
  return a.sequence == b.sequence && a.when == b.when && a.kind == b.kind && a.process == b.process && a.tag == b.tag &&
         a.digest == b.digest;
}

std::string describe(const EventRecord& event, const NameOf& name_of) {
  const std::string name = event.process == 0 ? "world" : name_of ? name_of(event.process) : "a process";
  return std::string(to_text(event.kind)) + " of " + name + " (process " + std::to_string(event.process) + ") at " +
         to_text(event.when) + " (" + std::to_string(event.when.ns()) + " ns), tag " + std::to_string(event.tag);
}

std::string describe_parents(const EventRecord& event, const std::vector<EventRecord>& before, const NameOf& name_of) {
  const auto line = [&](const char* what, std::uint64_t sequence) {
    const std::string text = sequence == 0 || sequence > before.size()
                                 ? std::string("nothing")
                                 : "event " + std::to_string(sequence) + ", " + describe(before[sequence - 1], name_of);
    return std::string("    ") + what + text + "\n";
  };
  std::uint64_t previous = 0;
  for (std::uint64_t at = std::min<std::uint64_t>(event.sequence - 1, before.size()); at > 0 && previous == 0; --at)
    if (before[at - 1].process == event.process) previous = at;
  return line("scheduled by ", event.cause) +
         line(event.process == 0 ? "before it in the world " : "before it there ", previous);
}

std::vector<StreamDifference> different_draws(const std::vector<StreamRegistry::Draws>& first,
                                              const std::vector<StreamRegistry::Draws>& second) {
  std::vector<StreamDifference> differences;
  for (std::size_t i = 0, j = 0; i < first.size() || j < second.size();) {
    const bool only_first = j == second.size() || (i < first.size() && first[i].name < second[j].name);
    const bool only_second = i == first.size() || (j < second.size() && second[j].name < first[i].name);
    const std::string& name = only_second ? second[j].name : first[i].name;
    const std::uint64_t a = only_second ? 0 : first[i++].draws;
    const std::uint64_t b = only_first ? 0 : second[j++].draws;
    if (a != b) differences.push_back({name, a, b});
  }
  return differences;
}

std::string describe(const std::vector<StreamDifference>& differences, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, differences.size()); ++i)
    text += "  stream " + differences[i].name + ": " + std::to_string(differences[i].first) + " draws, " +
            std::to_string(differences[i].second) + " now\n";
  if (differences.size() > most) text += "  and " + std::to_string(differences.size() - most) + " more streams\n";
  return text;
}

std::string first_different_event(const std::vector<EventRecord>& first, const std::vector<EventRecord>& second,
                                  const NameOf& name_of, const std::string& first_name,
                                  const std::string& second_name) {
  const std::size_t shorter = std::min(first.size(), second.size());
  std::size_t at = 0;
  while (at < shorter && same_event(first[at], second[at])) ++at;
  if (at == first.size() && at == second.size()) return {};
  const EventRecord* const a = at < first.size() ? &first[at] : nullptr;
  const EventRecord* const b = at < second.size() ? &second[at] : nullptr;
  const auto show = [&](const EventRecord* event) {
    return event == nullptr ? std::string("nothing: the run had ended") : describe(*event, name_of);
  };
  return "first differing event: number " + std::to_string(at + 1) + "\n  " + first_name + " " + show(a) + "\n" +
         both_parents(a, first, name_of) + "  " + second_name + " " + show(b) + "\n" + both_parents(b, second, name_of);
}

}  // namespace tidemark::sim
