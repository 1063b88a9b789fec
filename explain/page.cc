#include "explain/page.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemark::explain {
namespace {

std::string when_text(const Explanation& made) {
  const std::string event = fmt::format("event {} of {}", made.first.event, made.events);
  if (made.first.at_end) return fmt::format("seen at the end of the run, {} ({})", to_text(made.first.when), event);
  return fmt::format("at {} ({})", to_text(made.first.when), event);
}

std::string joined(const std::vector<std::string>& words) {
  constexpr std::size_t kMost = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, words.size()); ++i) text += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > kMost) text += fmt::format(" and {} more", words.size() - kMost);
  return text;
}

std::string indented(const std::string& text, const std::string& by) {
  std::string out = by;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += by;
  }
  return out;
}

std::string others_text(const Explanation& made) {
  std::string text;
  for (const checkers::Verdict& verdict : made.others) {
    const auto at = instant_of(verdict);
    text += (text.empty() ? "" : ", ") + verdict.name + (at ? " at " + to_text(*at) : "");
  }
  return text;
}

std::string story_head(const Explanation& made) {
  const Story& story = made.story;
  return fmt::format("{} of the {} events until then are in its causal past; {} of {} lines are told",
                     story.past_events, story.all_events, story.lines.size(), story.lines_of_past);
}

std::string story_line(const StoryLine& line) {
  const std::string because = line.because == 0 ? "" : fmt::format("   <- {}", line.because);
  return fmt::format("{:>4}  {:>14}  {}  {}{}\n", line.number, to_text(line.when), line.node, line.text, because);
}

std::string needs_head(const Explanation& made) {
  const std::size_t needed = static_cast<std::size_t>(std::count_if(
      made.needs->faults.begin(), made.needs->faults.end(), [](const FaultNeed& fault) { return fault.needed(); }));
  std::string text = fmt::format("{} of {} faults are needed; without any fault: {}", needed, made.needs->faults.size(),
                                 describe(made.needs->no_faults));
  const bool none_at_all = made.needs->no_faults && made.needs->no_faults->ending == Ending::kNone;
  if (needed == 0 && none_at_all) text += ". No single one is needed, but some of them together are";
  return text;
}

std::string need_text(const Explanation& made, const FaultNeed& fault) {
  return fmt::format("  {}, {}, from {}: {}\n    without it: {}; {} earlier: {}; {} later: {}\n", fault.title,
                     joined(fault.targets), fault.start, fault.verdict(made.at()), describe(fault.without),
                     to_text(made.needs->moved_by), describe(fault.earlier), to_text(made.needs->moved_by),
                     describe(fault.later));
}

std::string late_faults(const Explanation& made) {
  std::string ids;
  for (const FaultNeed& fault : made.needs->faults)
    if (fault.too_late) ids += fmt::format(" {}", fault.id);
  return ids.empty() ? ids : "  begin after it:" + ids + "\n";
}

std::string inevitable_text(const Curve& curve) {
  if (!curve.complete) return "not all points were tried: more runs are needed";
  if (!curve.inevitable) return "it never became inevitable before it happened";
  const bool always = !curve.points.empty() && *curve.inevitable == curve.points.front().from;
  if (always) return "it was inevitable from the beginning: chance has no part in it";
  return "inevitable from " + to_text(*curve.inevitable) + " on";
}

std::string curve_text(const Explanation& made) {
  const Curve& curve = *made.curve;
  std::string text;
  for (const FuturePoint& point : curve.points) {
    const auto length = static_cast<std::size_t>(point.probability() * 40 + 0.5);
    text += fmt::format("  {:>14}  {:>3} of {:<3} {}\n", to_text(point.from), point.failed, point.futures,
                        std::string(length, '#'));
  }
  text += "  " + inevitable_text(curve) + "\n";
  if (!curve.steepest) return text;
  text += fmt::format("  steepest between {} and {}:\n", to_text(curve.points[*curve.steepest].from),
                      to_text(curve.points[*curve.steepest + 1].from));
  for (const StoryLine& line : made.steepest)
    text += fmt::format("      {:>14}  {}  {}\n", to_text(line.when), line.node, line.text);
  return text;
}

}  // namespace

std::string to_text(const Explanation& made) {
  std::string text = fmt::format("scenario {}\n\n", made.scenario);
  text += fmt::format("Broken first: {}, {}\n", made.first.verdict.name, when_text(made));
  if (!made.guarantee.empty()) text += fmt::format("  {}\n", made.guarantee);
  text += indented(made.first.verdict.witness, "  ") + "\n";
  if (!made.others.empty()) text += fmt::format("  Broken besides: {}\n", others_text(made));
  if (!made.story.clients.empty()) text += fmt::format("  Clients concerned: {}\n", joined(made.story.clients));
  if (!made.contents.empty()) text += "\nWhat the history alone says\n" + indented(made.contents, "  ") + "\n";
  text += fmt::format("\nWhat led to it ({}; \"<- 3\": scheduled by what line 3 tells)\n", story_head(made));
  for (const StoryLine& line : made.story.lines) text += story_line(line);
  if (made.needs) {
    text += fmt::format("\nWhich faults it needed\n  {}\n", needs_head(made));
    for (const FaultNeed& fault : made.needs->faults)
      if (!fault.too_late) text += need_text(made, fault);
    text += late_faults(made);
  }
  if (made.curve) {
    text +=
        "\nWhen it became inevitable (of the futures in which everything is drawn anew from then on, those that "
        "fail in the same way)\n";
    text += curve_text(made);
  }
  text += fmt::format("\nthe same failure: {} ({})\n", made.failure.text(), made.failure.id());
  if (!made.enough_trials) text += fmt::format("the {} trials did not suffice for everything: --runs\n", made.trials);
  return text + fmt::format("digest {}\n", made.digest);
}

std::string to_markdown(const Explanation& made) {
  std::string text = fmt::format("# {} with seed {}: {}\n\n", made.scenario, made.seed, made.first.verdict.name);
  if (!made.guarantee.empty()) text += made.guarantee + "\n\n";
  text += fmt::format("Broken {}:\n\n> {}\n\n", when_text(made), made.first.verdict.witness);
  if (!made.others.empty()) text += fmt::format("Broken besides: {}.\n\n", others_text(made));
  if (!made.story.clients.empty()) text += fmt::format("Clients concerned: {}.\n\n", joined(made.story.clients));
  if (!made.contents.empty()) text += "## What the history alone says\n\n```\n" + made.contents + "\n```\n\n";
  text += fmt::format(
      "## What led to it\n\n{}.\n\n| line | time | node | what | because of |\n| --- | --- | --- | --- | --- |\n",
      story_head(made));
  for (const StoryLine& line : made.story.lines)
    text += fmt::format("| {} | {} | {} | {} | {} |\n", line.number, to_text(line.when), line.node, line.text,
                        line.because == 0 ? std::string() : std::to_string(line.because));
  if (made.needs) {
    text += fmt::format("\n## Which faults it needed\n\n{}.\n\n", needs_head(made));
    text += fmt::format(
        "| fault | targets | | without it | {0} earlier | {0} later |\n| --- | --- | --- | --- | --- | --- |\n",
        to_text(made.needs->moved_by));
    for (const FaultNeed& fault : made.needs->faults)
      text +=
          fmt::format("| {} | {} | {} | {} | {} | {} |\n", fault.title, joined(fault.targets), fault.verdict(made.at()),
                      describe(fault.without), describe(fault.earlier), describe(fault.later));
  }
  if (made.curve) text += "\n## When it became inevitable\n\n```\n" + curve_text(made) + "```\n";
  return text + fmt::format("\nDigest `{}`.\n", made.digest);
}

}  // namespace tidemark::explain
