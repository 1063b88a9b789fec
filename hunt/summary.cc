#include "hunt/summary.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/json_writer.h"

namespace tidemark::hunt {
namespace {

constexpr std::size_t kMostWitness = 400;  // in text

const char* why(HuntEnd end) {
  switch (end) {
    case HuntEnd::kAllSeeds:
      return "every seed was run";
    case HuntEnd::kTime:
      return "time is up";
    case HuntEnd::kFailure:
      return "stopped at the first failure";
    case HuntEnd::kInterrupted:
      return "interrupted";
  }
  return "";
}

double per_second(double amount, double seconds) {
  return seconds > 0 ? amount / seconds : 0;
}

std::string verdict_counts(const Totals& totals) {
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* name) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  };
  add(totals.valid, "valid");
  add(totals.expected, "expected");
  add(totals.invalid, "invalid");
  add(totals.unknown, "unknown");
  add(totals.none, "without a verdict");
  return text.empty() ? "none" : text;
}

std::string list_of(const std::vector<std::uint64_t>& seeds) {
  std::string text;
  for (const std::uint64_t seed : seeds) text += fmt::format(" {}", seed);
  return text;
}

std::string class_text(const ClassRow& row, const Summary& summary) {
  std::string witness = row.cheapest.witness.substr(0, kMostWitness);
  if (row.cheapest.witness.size() > kMostWitness) witness += "...";
  for (std::size_t at = witness.find('\n'); at != std::string::npos; at = witness.find('\n', at + 1))
    witness.insert(at + 1, "    ");
  const std::string word = summary.campaign.steered ? "run" : "seed";
  return fmt::format("\nclass {}  {}\n    {} {}; the cheapest is {} {} ({} events)\n{}    {}\n", row.failure.id(),
                     row.failure.text(), row.count, word + (row.count == 1 ? "" : "s"), word, row.cheapest.seed,
                     row.cheapest.events, witness.empty() ? "" : "    " + witness + "\n",
                     summary.reproduce(row.cheapest.seed));
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      out += '?';
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string seeds_text(const HuntOptions& options) {
  std::string text = fmt::format("{}..", options.range.first);
  if (options.range.last != UINT64_MAX) text += fmt::format("{}", options.range.last);
  if (options.shard.count > 1) text += fmt::format(" (shard {}/{})", options.shard.index, options.shard.count);
  return text;
}

std::string summary_text(const Summary& summary) {
  const HuntProgress& now = summary.report.progress;
  const Totals& totals = summary.totals;
  std::string text = fmt::format("\nhunt {} seeds {}: {}\n", summary.campaign.scenario, seeds_text(summary.options),
                                 why(summary.report.end));
  text += fmt::format("  seeds     {} done", totals.seeds);
  if (totals.seeds != now.done) text += fmt::format(" ({} of them before)", totals.seeds - now.done);
  if (now.left != UINT64_MAX && now.left > 0) text += fmt::format(", {} left", now.left);
  text += fmt::format("\n  verdicts  {}\n", verdict_counts(totals));
  text += fmt::format("  speed     {:.1f} seeds/s with {} {}, {:.0f} virtual seconds in a second\n",
                      per_second(static_cast<double>(now.done), now.wall_seconds), summary.options.pool.jobs,
                      summary.options.pool.jobs == 1 ? "worker" : "workers",
                      per_second(now.virtual_seconds, now.wall_seconds));
  const bool equal = std::none_of(summary.classes.begin(), summary.classes.end(),
                                  [](const ClassRow& row) { return row.failure == reports::nondeterminism_class(); });
  text += fmt::format("  twice     {} seeds were run twice, {}\n", totals.twice,
                      equal ? "with equal results" : "NOT all with equal results: a defect of Tidemark");
  if (summary.campaign.steered)
    text += fmt::format("  steering  {} cells reached, {} runs in the corpus\n", now.cells, now.corpus);
  if (!summary.report.in_flight.empty()) text += fmt::format("  in flight{}\n", list_of(summary.report.in_flight));
  if (!summary.results_file.empty()) text += fmt::format("  results   {}\n", summary.results_file);
  text += fmt::format("  failures  {} in {} {}\n", totals.failed, summary.classes.size(),
                      summary.classes.size() == 1 ? "class" : "classes");
  for (const ClassRow& row : summary.classes) text += class_text(row, summary);
  return text;
}

std::string summary_json(const Summary& summary) {
  const HuntProgress& now = summary.report.progress;
  const Totals& totals = summary.totals;
  reports::JsonWriter json(reports::JsonWriter::Style::kIndented);
  json.begin_object().key("format").text("tidemark-hunt").key("version").number(1);
  json.key("scenario").text(summary.campaign.scenario).key("options").text(summary.campaign.options);
  json.key("commit").text(summary.campaign.commit).key("sqlite").text(summary.campaign.sqlite);
  json.key("seeds").text(seeds_text(summary.options)).key("end").text(why(summary.report.end));
  json.key("exit_code").number(exit_code_of(summary.classes));
  json.key("done").number(totals.seeds).key("done_now").number(now.done);
  if (now.left != UINT64_MAX) json.key("left").number(now.left);
  json.key("failed").number(totals.failed).key("run_twice").number(totals.twice);
  json.key("verdicts").begin_object();
  json.key("valid").number(totals.valid).key("expected").number(totals.expected).key("invalid").number(totals.invalid);
  json.key("unknown").number(totals.unknown).key("none").number(totals.none).end_object();
  json.key("events").number(totals.events).key("operations").number(totals.operations);
  json.key("virtual_seconds").number(totals.virtual_seconds);
  json.key("jobs").number(static_cast<std::uint64_t>(summary.options.pool.jobs));
  json.key("wall_seconds_now").fixed(now.wall_seconds, 3);
  json.key("seeds_per_second").fixed(per_second(static_cast<double>(now.done), now.wall_seconds), 1);
  json.key("virtual_to_wall").fixed(per_second(now.virtual_seconds, now.wall_seconds), 1);
  if (summary.campaign.steered) {
    json.key("steering").begin_object().key("cells").number(std::uint64_t{now.cells});
    json.key("corpus").number(std::uint64_t{now.corpus}).end_object();
  }
  json.key("in_flight").begin_array();
  for (const std::uint64_t seed : summary.report.in_flight) json.number(seed);
  json.end_array().key("classes").begin_array();
  for (const ClassRow& row : summary.classes) {
    json.begin_object().key("id").text(row.failure.id()).key("check").text(row.failure.check);
    json.key("shape").text(row.failure.shape).key("seeds").number(row.count);
    json.key("cheapest_seed").number(row.cheapest.seed).key("cheapest_events").number(row.cheapest.events);
    json.key("digest").text(row.cheapest.digest).key("other_digest").text(row.cheapest.other_digest);
    json.key("witness").text(row.cheapest.witness).key("reproduce").text(summary.reproduce(row.cheapest.seed));
    json.end_object();
  }
  return json.end_array().end_object().str() + "\n";
}

std::string summary_junit(const Summary& summary) {
  const std::string suite = xml(summary.campaign.scenario);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" "
      "errors=\"0\" time=\"{:.3f}\">\n<testcase classname=\"{}\" name=\"{} seeds as they should be\"/>\n",
      suite, summary.classes.size() + 1, summary.classes.size(), summary.report.progress.wall_seconds, suite,
      summary.totals.seeds - summary.totals.failed);
  for (const ClassRow& row : summary.classes) {
    text += fmt::format(
        "<testcase classname=\"{}\" name=\"{}\"><failure type=\"{}\" message=\"{} seeds, the cheapest is {}\">{}\n{}\n"
        "</failure></testcase>\n",
        suite, xml(row.failure.text()), xml(row.failure.check), row.count, row.cheapest.seed, xml(row.cheapest.witness),
        xml(summary.reproduce(row.cheapest.seed)));
  }
  return text + "</testsuite>\n</testsuites>\n";
}

}  // namespace tidemark::hunt
